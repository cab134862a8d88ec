"""B-Trust's Automatic Remote Signing as the sandbox's server sees it.

What is not public is invented here, and may be otherwise at BORICA: that digests are taken, and are what is signed.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.pages import page
from sandbox.remote_signing.signatures import Faults, is_sha256, signed
from sandbox.stand_in import Answer, InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.authority import Credential
    from sandbox.stand_in import Request

PREFIX = "/invented-prefix"
PATH = f"{PREFIX}/arsign/sync"
JSON = "application/json"
_NOT_FOUND, _NOT_ALLOWED, _BAD = 404, 405, 400
_STATUSES = {"AR_SIGN_TOKEN_NOT_FOUND": _NOT_FOUND, "UNAUTHORIZED": 401, "API_RATE_LIMIT_EXCEEDED": 429}
_FIELDS = ("confirmText", "contentFormat", "data", "fileName", "signatureType")


class BtrustService:
    """The StandIn for the service. ``tokens``: the consents' access tokens by signer's name."""

    name = "btrust"
    traits: tuple[str, ...] = ("operation", "signer")
    private_traits: frozenset[str] = frozenset()
    max_bytes = 1024 * 1024

    def __init__(
        self, keys: Mapping[str, Credential], tokens: Mapping[str, str], *, now: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self._faults = Faults()
        self._code: str | None = None
        self._most = 100
        self._signings: list[dict[str, Any]] = []
        self._refusals: Counter[str] = Counter()

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the service's one address."""
        return method == "POST" and path == PATH

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the operation and the signer whose token was sent."""
        return {"operation": "arsign/sync" if request.path == PATH else None, "signer": self._signer(request)}

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        if request.path != PATH:
            return page(_NOT_FOUND, "Not Found")
        if request.method != "POST":
            return page(_NOT_ALLOWED, "Method Not Allowed")
        signer, digests = self._signer(request), _digests(request.body)
        if signer is None:
            return self._refused("AR_SIGN_TOKEN_NOT_FOUND")
        if digests is None or self._code is not None:
            return self._refused(self._code or "BAD_REQUEST")
        if len(digests) > self._most:
            return self._refused("BATCH_SIZE_EXCEED")
        self._signings.append({"signer": signer, "count": len(digests), "at": self._now().isoformat()})
        return self._signed(signer, digests, self._faults)

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status."""
        del request
        return _json(
            status, {"responseCode": "SANDBOX", "code": "SANDBOX", "message": "a fault was asked for"}
        )

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the signatures of another signer's key, or else the answer as it is."""
        signer, digests = self._signer(request), _digests(request.body)
        if signer is None or digests is None:
            return answer
        return self._signed(signer, digests, Faults(other_key=True))

    def forget_tokens(self) -> None:
        """Do nothing: the holders' consents give the tokens."""

    def ledger(self) -> Mapping[str, Any]:
        """Return the requests that made signatures, and how often each code was answered."""
        return {"signings": self._signings, "refusals": dict(self._refusals)}

    def control(self, name: str, body: Any) -> Any | None:
        """Change `signatures`; or `service`: the code of every answer, and the largest batch. Raises InvalidControl."""
        if name == "signatures":
            self._faults = self._faults.changed(body)
            return self._faults.shown()
        if name != "service":
            return None
        if not isinstance(body, dict) or not set(body) <= {"code", "most"}:
            raise InvalidControl("service must be an object of code, most")
        code, most = body.get("code", self._code), body.get("most", self._most)
        if not isinstance(code, str | None) or not isinstance(most, int) or most < 1:
            raise InvalidControl("service: code must be a text or null, most a number from 1")
        self._code, self._most = code, most
        return {"code": code, "most": most}

    def _signer(self, request: Request) -> str | None:
        given = request.headers.get("x-access-token", "").encode()
        return next(
            (name for name, token in self._tokens.items() if secrets.compare_digest(given, token.encode())),
            None,
        )

    def _signed(self, signer: str, digests: list[bytes], faults: Faults) -> Answer:
        other = next(one for name, one in self._keys.items() if name != signer)
        made = signed(digests, self._keys[signer].key, other.key, faults=faults)
        signatures = [
            {
                "signature": base64.b64encode(one).decode(),
                "signatureId": str(place),
                "signatureType": "SIGNATURE",
                "status": "SIGNED",
            }
            for place, one in enumerate(made, start=1)
        ]
        return _json(
            200, {"responseCode": "OK", "code": "OK", "message": "", "data": {"signatures": signatures}}
        )

    def _refused(self, code: str) -> Answer:
        self._refusals[code] += 1
        return _json(_STATUSES.get(code, _BAD), {"responseCode": code, "code": code, "message": "refused"})


def _digests(body: bytes) -> list[bytes] | None:
    """Return the digests in the request's contents; None where they are not as this service wants them."""
    try:
        contents = json.loads(body)["contents"]
        if not contents or not all(all(isinstance(one[name], str) for name in _FIELDS) for one in contents):
            return None
        if any((one["contentFormat"], one["signatureType"]) != ("DIGEST", "SIGNATURE") for one in contents):
            return None
        digests = [base64.b64decode(one["data"], validate=True) for one in contents]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    return digests if all(map(is_sha256, digests)) else None


def _json(status: int, content: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(content).encode(), JSON, kind=str(content["code"]))
