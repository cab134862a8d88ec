"""Bearer tokens: JWTs signed with HS512 (RFC 7519), of which only those given and not ended are in force."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from typing import TYPE_CHECKING, Any

from sandbox.erx.errors import Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.erx.users import User

_BEARER = "bearer "
_ISSUER = "https://erx.sandbox.example"


class Tokens:
    """The tokens in force. ``key`` signs them; ``token_seconds`` is how long each lasts."""

    def __init__(self, now: Callable[[], datetime], key: bytes, token_seconds: float, client: str) -> None:
        self._now = now
        self._key = key
        self._seconds = token_seconds
        self._client = client
        self._given = 0
        self._in_force: dict[str, tuple[User, float]] = {}

    def give(self, user: User) -> str:
        """Return a new token; the user's older ones stay in force."""
        now = self._now().timestamp()
        self._in_force = {text: one for text, one in self._in_force.items() if one[1] > now}
        self._given += 1
        claims = self._claims(user, int(now))
        token = _signed(claims, self._key)
        self._in_force[token] = (user, claims["exp"])
        return token

    def bearer(self, headers: Mapping[str, str]) -> User:
        """Return the user that the request comes from. Raises Unauthorized."""
        value = headers.get("authorization", "")
        if not value.lower().startswith(_BEARER):
            raise Unauthorized
        user, ends = self._in_force.get(value[len(_BEARER) :].strip(), (None, 0.0))
        if user is None or ends <= self._now().timestamp():
            raise Unauthorized
        return user

    def forget_all(self) -> None:
        """End every token."""
        self._in_force.clear()

    def _claims(self, user: User, issued: int) -> dict[str, Any]:
        """Return the claims of the documents' own tokens (`sub` is a number there); `iat` and `jti` are added."""
        return {
            "sub": user.id,
            "email_verified": False,
            "roles": [{"role": user.authority, "client": self._client}],
            "iss": _ISSUER,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "client_id": self._client,
            "scope": "*/*.*",
            "email": user.email,
            "username": user.username,
            "iat": issued,
            "exp": issued + math.ceil(self._seconds),
            "jti": str(self._given),
        }


def _signed(claims: Mapping[str, Any], key: bytes) -> str:
    signed = f"{_part({'alg': 'HS512'})}.{_part(claims)}"
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), hashlib.sha512))}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
