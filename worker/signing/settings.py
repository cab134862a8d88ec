"""What an operator configures of a signing identity."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, HttpUrl, SecretStr, Tag, model_validator

from worker.setting_types import SettingsModel
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.pkcs11.settings import Pkcs11Settings


class Pkcs12Signer(SettingsModel):
    """A key and its certificates in a PKCS#12 file (.p12, .pfx), and where its password is."""

    kind: Literal["pkcs12"] = "pkcs12"
    """The kind of the signer: a key in a PKCS#12 file."""
    file: Path
    """The PKCS#12 file (`.p12`, `.pfx`) with the private key, its certificate, and the certificates up to its root."""
    password_file: Path | None = None
    """A file that holds the file's password; a line break at its end does not count. This or `password`."""
    password: SecretStr | None = None
    """The password itself: by variable only."""
    algorithm: SignatureAlgorithm | None = None
    """How the key signs; by default `rsa-sha256`, or the ECDSA of the key's curve. The systems' settings
    `signature_algorithms` say what each of them takes."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        _require_one_password(self)
        return self


class NcanodeSettings(SettingsModel):
    """An NCANode server that signs whole documents, and the PKCS#12 file that goes to it with each of them."""

    kind: Literal["ncanode"]
    """The kind of the signer: an NCANode server (version 3), for complete documents and also with GOST keys."""
    url: HttpUrl
    """The server's address, up to its version 3 API: `http://127.0.0.1:14579`. It receives the key and the password."""
    allow_plain_http: bool = False
    """Allow `http` to a server on another machine: anybody who can read the traffic then has the key."""
    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's, for `https`."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """The longest time for one signature."""
    file: Path
    """The PKCS#12 file with the key; it may hold a GOST key, since only NCANode opens it."""
    password_file: Path | None = None
    """A file that holds the file's password; a line break at its end does not count. This or `password`."""
    password: SecretStr | None = None
    """The password itself: by variable only."""
    key_alias: str | None = None
    """The key's name in the file. NCANode uses the first key and ignores this name: keep one key in a file."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        _require_one_password(self)
        return self

    @model_validator(mode="after")
    def _safe_way(self) -> Self:
        if self.url.scheme == "http" and not self.allow_plain_http and not _is_loopback(self.url.host or ""):
            raise ValueError(
                "url must be https, or http to this machine (127.0.0.1); to allow http elsewhere set allow_plain_http"
            )
        return self


def _require_one_password(signer: Pkcs12Signer | NcanodeSettings) -> None:
    if (signer.password_file is None) == (signer.password is None):
        raise ValueError("exactly one of password_file and password must be given")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _tag(value: Any) -> str:
    """Return the tag of the model that a value is for; pkcs12 where no kind is given."""
    kind = value.get("kind", "pkcs12") if isinstance(value, dict) else getattr(value, "kind", "pkcs12")
    return f"[{kind}]"


# In brackets, because pydantic puts the tag into the path of a problem, where operators should not see it.
SignerSettings: TypeAlias = Annotated[
    Annotated[Pkcs12Signer, Tag("[pkcs12]")]
    | Annotated[Pkcs11Settings, Tag("[pkcs11]")]
    | Annotated[NcanodeSettings, Tag("[ncanode]")],
    Discriminator(
        _tag, custom_error_type="signer_kind", custom_error_message="kind must be pkcs12, pkcs11 or ncanode"
    ),
]
