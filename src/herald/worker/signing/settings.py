"""What an operator configures of a signing identity."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Pkcs12Signer(BaseModel):
    """A key and its certificates in a PKCS#12 file (.p12, .pfx), and where its password is."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    kind: Literal["pkcs12"] = "pkcs12"
    """What holds the key: a PKCS#12 file."""
    file: Path
    """The PKCS#12 file (`.p12`, `.pfx`) with the private key, its certificate, and those that lead to its root."""
    password_file: Path | None = None
    """A file that holds the file's password; a line break at its end does not count. This or `password`."""
    password: SecretStr | None = None
    """The password itself: by variable only."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password_file is None) == (self.password is None):
            raise ValueError("exactly one of password_file and password must be given")
        return self


SignerSettings: TypeAlias = Pkcs12Signer
