"""Vault's transit engine as the sandbox's server sees it: one key for each signer, which has been rotated once.

Version 2 of a key is the signer's; version 1 is another one, as before a rotation. Key version 0 is the latest.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import TYPE_CHECKING, Any

from sandbox.pages import page
from sandbox.remote_signing.requests import fields_of
from sandbox.remote_signing.signatures import PKCS1, PSS_SHA256, Faults, is_sha256, signed
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.authority import Credential
    from sandbox.stand_in import Request

BASE = "/v1/transit/sign/"
JSON = "application/json"
LATEST = 2
_PADDINGS = {"pkcs1v15": PKCS1, "pss": PSS_SHA256}
_BAD, _FORBIDDEN, _NOT_FOUND = 400, 403, 404


class TransitEngine:
    """The StandIn for the engine. A key's name is its signer's."""

    name = "vault"
    traits: tuple[str, ...] = ("operation", "signer")
    private_traits: frozenset[str] = frozenset()
    max_bytes = 1024 * 1024

    def __init__(self, keys: Mapping[str, Credential], token: str, *, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._first_token = token
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self._token: str | None = self._first_token
        self._faults = Faults()
        self._signings: list[dict[str, Any]] = []

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the address of a key's signatures."""
        return method in {"POST", "PUT"} and path.startswith(BASE)

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the operation and the key's name."""
        known = request.path.startswith(BASE)
        return {
            "operation": "transit/sign" if known else None,
            "signer": request.path.removeprefix(BASE) if known else None,
        }

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        if not self.serves(request.method, request.path):
            return (
                page(_NOT_FOUND, "Not Found") if not request.path.startswith("/v1/") else _error(_NOT_FOUND)
            )
        given = request.headers.get("x-vault-token", "")
        if self._token is None or not secrets.compare_digest(given.encode(), self._token.encode()):
            return _error(_FORBIDDEN, "permission denied")
        return self._answered(request, self._faults)

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status."""
        del request
        return _error(status, "a fault was asked for")

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the signatures of another signer's key, or else the answer as it is."""
        other = self._answered(request, Faults(other_key=True), noted=False)
        return other if answer.status == other.status else answer

    def forget_tokens(self) -> None:
        """Let the token end; `reset` and the control request `token` give another one."""
        self._token = None

    def ledger(self) -> Mapping[str, Any]:
        """Return the requests that made signatures."""
        return {"signings": self._signings}

    def control(self, name: str, body: Any) -> Any | None:
        """Change `signatures`, or take the `token` of the body from now on. Raises InvalidControl."""
        if name == "signatures":
            self._faults = self._faults.changed(body)
            return self._faults.shown()
        if name == "token" and isinstance(body, dict) and isinstance(body.get("token"), str):
            self._token = body["token"]
            return {"status": "ok"}
        return None

    def _answered(self, request: Request, faults: Faults, *, noted: bool = True) -> Answer:
        name, asked = request.path.removeprefix(BASE), fields_of(request.body)
        key = self._keys.get(name)
        if key is None:
            return _error(_BAD, "signing key not found")
        version = asked.get("key_version") or LATEST
        digests = _digests(asked)
        padding = _PADDINGS.get(str(asked.get("signature_algorithm", "pss")))
        if digests is None or padding is None or version not in (1, LATEST):
            return _error(_BAD, "invalid request")
        other = next(one for other, one in self._keys.items() if other != name)
        # The version before the rotation is another key.
        own, foreign = (key.key, other.key) if version == LATEST else (other.key, key.key)
        made = signed(digests, own, foreign, padding=padding, faults=faults)
        if noted:
            self._signings.append({"signer": name, "count": len(digests), "at": self._now().isoformat()})
        results = [
            {"signature": f"vault:v{version}:{base64.b64encode(one).decode()}", "key_version": version}
            for one in made
        ]
        return _json(200, {"data": {"batch_results": results}})


def _digests(asked: Mapping[str, Any]) -> list[bytes] | None:
    """Return the digests; None where the engine would sign something else than SHA-256 digests, or nothing."""
    if asked.get("prehashed") is not True or asked.get("hash_algorithm", "sha2-256") != "sha2-256":
        return None
    try:
        digests = [base64.b64decode(one["input"], validate=True) for one in asked["batch_input"]]
    except (KeyError, TypeError, binascii.Error):
        return None
    return digests if digests and all(map(is_sha256, digests)) else None


def _error(status: int, *errors: str) -> Answer:
    return _json(status, {"errors": list(errors)})


def _json(status: int, content: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(content).encode(), JSON, kind=str(status))
