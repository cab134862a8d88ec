"""How this provider differs from others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.stand_in import InvalidControl

_CHOICES = {
    "scal": ("1", "2"),
    "auth_mode": ("explicit", "implicit", "oauth2code"),
    "certificate_status": ("valid", "expired", "revoked", "suspended"),
    "second_factor": (None, "OTP", "PasswordOOB", "ChallengeResponse"),
}


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one provider."""

    scal: str = "1"
    """`2`: an authorisation names the digests."""
    multisign: int = 100
    """Signatures of one authorisation."""
    auth_mode: str = "explicit"
    """How a credential is authorised."""
    second_factor: str | None = None
    """A factor beside the PIN for which a person is needed."""
    certificate_status: str = "valid"
    """What it says of certificates, whatever their dates."""
    pin: bool = True
    """Whether credentials have a PIN."""
    token_alone: bool = False
    """Signatures need no authorisation beside the access token."""
    sad_seconds: float = 3600.0
    """The lifetime of an authorisation."""
    extends: bool = True
    """Whether `credentials/extendTransaction` is there."""
    later_signatures: int = 0
    """How often `signatures/signPolling` says that the signatures are not made yet; 0: they are in the first answer."""
    later_authorisation: int = 0
    """The same of `credentials/authorizeCheck`."""
    hidden_causes: bool = False
    """A wrong PIN is `invalid_request` without a cause."""
    bare_errors: bool = False
    """Errors are a message alone, without a code."""
    locked: bool = False
    """Every credential is locked."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def changed(self, body: Any) -> Variants:
        """Return them with what a control request sets. Raises InvalidControl."""
        kinds = {field.name: str(field.type) for field in fields(self)}
        if not isinstance(body, dict) or not set(body) <= set(kinds):
            raise InvalidControl(f"variants must be an object of {', '.join(kinds)}")
        for name, value in body.items():
            if not _fits(name, kinds[name], value):
                raise InvalidControl(f"variants: {name} cannot have this value")
        return replace(self, **body)


def _fits(name: str, kind: str, value: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if kind == "bool" or isinstance(value, bool):
        return kind == "bool" and isinstance(value, bool)
    return isinstance(value, int if kind == "int" else int | float) and value >= 0
