"""Who may call: access tokens by client credentials or a login, or a client certificate of the sandbox's authority."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from sandbox.csc.errors import Refused, invalid, unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.stand_in import Request

CLIENT = "herald"
"""The one client, and the one user who may log in."""


class Access:
    """The tokens that were granted, and until when they last."""

    def __init__(self, secret: str, *, seconds: float, now: Callable[[], datetime]) -> None:
        self._secret = secret
        self._seconds = seconds
        self._now = now
        self._tokens: dict[str, datetime] = {}

    def forget(self) -> None:
        """End all of them."""
        self._tokens.clear()

    def granted(self, form: bytes) -> dict[str, Any]:
        """Answer a request to the token endpoint. Raises Refused."""
        fields = {name: values[0] for name, values in parse_qs(form.decode("ascii", "replace")).items()}
        if fields.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type", "The grant type is not supported")
        if fields.get("scope") != "service":
            raise Refused("invalid_scope", "The scope must be service")
        if fields.get("client_id") != CLIENT or not self._is_secret(fields.get("client_secret", "")):
            raise Refused("invalid_client", "Client authentication failed", 401)
        return self._new()

    def logged_in(self, request: Request) -> dict[str, Any]:
        """Answer `auth/login` with HTTP Basic. Raises Refused."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise invalid("Malformed authorization header") from error
        if kind.lower() != "basic" or user != CLIENT or not self._is_secret(password):
            raise Refused("authentication_error", "An error occurred during authentication process", 401)
        return self._new()

    def require(self, request: Request) -> None:
        """Raise Refused where the request shows neither a token that is valid now nor a certificate."""
        if request.client_certificate is not None:
            return
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (end := self._tokens.get(token)) is None or self._now() >= end:
            raise unauthorized()

    def _is_secret(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._secret.encode())

    def _new(self) -> dict[str, Any]:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._now() + timedelta(seconds=self._seconds)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self._seconds}
