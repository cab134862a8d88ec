"""What an operator configures of a key in a token or HSM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from worker.setting_types import SettingsModel, must_be

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Hexadecimal = Annotated[
    str, must_be(r"([0-9A-Fa-f]{2}){1,64}", "an even number of hexadecimal digits, as in 0a1b")
]


class TokenSettings(SettingsModel):
    """Which token of the module; what is given must all fit. Nothing is needed where the module shows one token."""

    label: Text | None = None
    """The token's label."""
    serial: Text | None = None
    """The token's serial number, as the module shows it."""
    slot: Annotated[int, Field(ge=0)] | None = None
    """The id of the slot. Some modules give slots other ids after a restart: prefer the label or the serial number."""


class KeySettings(SettingsModel):
    """Which key of the token: one of these. Nothing is needed where the token holds one key that signs."""

    label: Text | None = None
    """The private key's label."""
    id: Hexadecimal | None = None
    """The private key's id, in hexadecimal digits."""
    subject_serial: Annotated[Text | None, Field(repr=False)] = None
    """The `serialNumber` in the subject of the key's certificate on the token, such as `PNOBG-…`. Of several
    certificates with it, the one that is valid now and ends last is used.
    """

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if sum(one is not None for one in (self.label, self.id, self.subject_serial)) > 1:
            raise ValueError("only one of label, id and subject_serial can be given")
        return self


class Pkcs11Settings(SettingsModel):
    """A key in a token or HSM, through the PKCS#11 module of its maker."""

    kind: Literal["pkcs11"]
    """The kind of the signer: a key in a token or HSM (PKCS#11)."""
    module: Path
    """The PKCS#11 module: the shared library that comes with the token (`.so`)."""
    environment: dict[Annotated[str, must_be(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable")], str] = (
        Field(default_factory=dict)
    )
    """Variables that the module needs, such as the path of its own configuration. No secrets: other programs can read
    them. Signers of one token need the same ones.
    """
    token: TokenSettings = TokenSettings()
    """Which token."""
    key: KeySettings = KeySettings()
    """Which key."""
    pin_file: Path | None = None
    """A file that holds the PIN; a line break at its end does not count. This, or `pin`, or none of them where the
    token wants no login.
    """
    pin: SecretStr | None = None
    """The PIN itself: by variable only."""
    ignore_pin_warnings: bool = False
    """Log in although the token says that a wrong PIN was entered. For tokens that always say so; a locked PIN is
    respected all the same.
    """
    certificate_file: Path | None = None
    """The certificate, where the token does not hold it: PEM, and after it the certificates up to its root."""
    algorithm: Literal["rsa-sha256", "rsa-pss-sha256", "ecdsa-p256-sha256", "ecdsa-p384-sha384"] = (
        "rsa-sha256"
    )
    """The algorithm of the signatures; each system says which it takes."""
    processes: Annotated[int, Field(ge=1, le=16)] = 1
    """How many signer processes may sign with the token at the same time, each logged in by itself. More than one helps
    with an HSM that serves several sessions at once, and with no smart card.
    """
    timeout: Annotated[float, Field(gt=0, le=60)] = 15.0
    """The longest time for one call of the module, a login or a signature. After it the signer process is restarted."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.pin_file is not None and self.pin is not None:
            raise ValueError("only one of pin_file and pin can be given")
        if self.key.subject_serial is not None and self.certificate_file is not None:
            raise ValueError(
                "key.subject_serial finds a certificate on the token: it excludes certificate_file"
            )
        return self
