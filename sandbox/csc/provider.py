"""The methods of the API, each from a request's fields to an answer's."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from sandbox.csc import descriptions
from sandbox.csc.authorisations import Authorisations
from sandbox.csc.errors import invalid
from sandbox.csc.later import Later
from sandbox.csc.ledger import Ledger
from sandbox.csc.variants import Variants
from sandbox.remote_signing.signatures import PKCS1, PSS_SHA256, Faults, is_sha256, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cryptography import x509

    from sandbox.authority import Credential

ACCEPTED = 202
_SHA256 = "2.16.840.1.101.3.4.2.1"
_PADDINGS = {
    descriptions.RSA_SHA256: PKCS1,
    descriptions.RSA: PKCS1,
    descriptions.RSA_PSS: PSS_SHA256,
}


class Provider:
    """The provider's state. Its methods return status and fields, and raise Refused."""

    def __init__(
        self,
        keys: Mapping[str, Credential],
        pins: Mapping[str, str],
        authority: x509.Certificate,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._authority = authority
        self._now = now
        self.ledger = Ledger()
        self.variants = Variants()
        self.faults = Faults()
        self.authorisations = Authorisations(pins, self.ledger, now)
        self._later = Later()
        self.methods: Mapping[str, Callable[[Mapping[str, Any], bool], tuple[int, dict[str, Any]]]] = {
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "credentials/authorizeCheck": self._authorize_check,
            "credentials/extendTransaction": self._extend,
            "signatures/signHash": self._sign,
            "signatures/signPolling": self._poll,
        }

    def _info(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        certificates = [self._keys[self._credential(asked)].certificate, self._authority]
        return 200, descriptions.credential(certificates, self.variants, second=second)

    def _authorize(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        name = self._credential(asked)
        count = asked.get("numSignatures")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise invalid("Missing (or invalid type) integer parameter numSignatures")
        hashes = self._hashes(asked, second=second) if self.variants.scal == "2" else None
        if hashes is not None and len(hashes) != count:
            raise invalid("Numbers of signatures is too high")
        self.authorisations.require_pin(name, _pin(asked, second=second), self.variants)
        sad = self.authorisations.give(name, count, hashes, self.variants)
        answer = {"SAD": sad, "expiresIn": self.variants.sad_seconds}
        if self.variants.later_authorisation:
            return ACCEPTED, {"handle": self._later.keep(answer, self.variants.later_authorisation)}
        return 200, answer

    def _authorize_check(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        del second
        answer = self._later.asked(str(asked.get("handle")))
        return (ACCEPTED, {"handle": asked.get("handle")}) if answer is None else (200, answer)

    def _extend(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        del second
        if not self.variants.extends:
            raise invalid("The method is not supported")
        name = self._credential(asked)
        sad = self.authorisations.extend(str(asked.get("SAD")), name, self.variants)
        return 200, {"SAD": sad, "expiresIn": self.variants.sad_seconds}

    def _sign(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        name = self._credential(asked)
        hashes = self._hashes(asked, second=second)
        padding = _PADDINGS.get(str(asked.get("signAlgo")))
        if padding is None or (padding == PSS_SHA256) != ("signAlgoParams" in asked):
            raise invalid("Invalid parameter signAlgo")
        if not self.variants.token_alone:
            self.authorisations.use(str(asked.get("SAD")), name, hashes)
        answer = {"signatures": self._signatures(name, hashes, padding, self.faults)}
        self.ledger.sign(name, len(hashes), str(asked["signAlgo"]), self._now(), authorised="SAD" in asked)
        later = self.variants.later_signatures or (1 if asked.get("operationMode") == "A" else 0)
        return (200, {"responseID": self._later.keep(answer, later)}) if later else (200, answer)

    def _poll(self, asked: Mapping[str, Any], second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        del second
        answer = self._later.asked(str(asked.get("requestID")))
        return (ACCEPTED, {"accepted_request": "in progress"}) if answer is None else (200, answer)

    def by_another_key(self, asked: Mapping[str, Any], *, second: bool) -> dict[str, Any]:
        """Return the signatures that were asked for, made by another signer's key."""
        name, hashes = self._credential(asked), self._hashes(asked, second=second)
        return {"signatures": self._signatures(name, hashes, PKCS1, Faults(other_key=True))}

    def _signatures(self, name: str, hashes: Sequence[str], padding: str, faults: Faults) -> list[str]:
        other = next(one for other, one in self._keys.items() if other != name)
        digests = [base64.b64decode(one) for one in hashes]
        made = signed(digests, self._keys[name].key, other.key, padding=padding, faults=faults)
        return [base64.b64encode(one).decode() for one in made]

    def _credential(self, asked: Mapping[str, Any]) -> str:
        name = asked.get("credentialID")
        if not isinstance(name, str) or name not in self._keys:
            raise invalid("Invalid parameter credentialID")
        return name

    @staticmethod
    def _hashes(asked: Mapping[str, Any], *, second: bool) -> list[str]:
        listed = asked.get("hashes" if second else "hash")
        if not isinstance(listed, list) or not listed or not all(map(_is_digest, listed)):
            raise invalid("Invalid parameter hash")
        if asked.get("hashAlgorithmOID" if second else "hashAlgo") != _SHA256:
            raise invalid("Invalid parameter hashAlgorithmOID")
        return listed


def _is_digest(value: object) -> bool:
    try:
        return isinstance(value, str) and is_sha256(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False


def _pin(asked: Mapping[str, Any], *, second: bool) -> str | None:
    if not second:
        pin = asked.get("PIN")
    else:
        given = [
            one for one in asked.get("authData") or [] if isinstance(one, dict) and one.get("id") == "PIN"
        ]
        pin = given[0].get("value") if given else None
    return pin if isinstance(pin, str) else None
