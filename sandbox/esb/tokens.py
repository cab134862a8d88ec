"""Access tokens: given for a certificate, a scope and some headers, and kept until they end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.esb.clients import distinguished_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.esb.clients import EsbClient

CONTEXT = ("representedPersonID", "correspondentOID", "operatorID", "OID")
"""The request headers that become part of a token."""


@dataclass(slots=True)
class Token:
    """One token; `context` has the headers of its request, by name."""

    value: str = field(repr=False)
    client: EsbClient
    certificate: bytes = field(repr=False)
    scope: str
    context: Mapping[str, str] = field(repr=False)
    given_at: datetime
    expires_at: datetime
    revoked: bool = False

    @property
    def miscinfo(self) -> str:
        """Who acts, for whom, and by whose hand: what back-ends are told of the token."""
        name = distinguished_name(self.certificate, self.context.get("OID"))
        said = (f"{part}:{self.context.get(part, '')}" for part in CONTEXT if part != "OID")
        return "|".join([f"dn:{name}", *said])

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON: without its value, and without persons."""
        return {
            "client_id": self.client.client_id,
            "scope": self.scope,
            "headers": sorted(self.context),
            "OID": self.context.get("OID"),
            "given_at": self.given_at.isoformat(),
            "revoked": self.revoked,
        }


class Tokens:
    """All tokens that were given. A token that ended early stays in the list, and is good no more."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.given: list[Token] = []
        self._by_value: dict[str, Token] = {}

    def give(
        self, client: EsbClient, certificate: bytes, scope: str, context: Mapping[str, str], seconds: float
    ) -> Token:
        """Make a token."""
        now = self.now()
        ends = now + timedelta(seconds=seconds)
        token = Token(secrets.token_urlsafe(32), client, certificate, scope, dict(context), now, ends)
        self.given.append(token)
        self._by_value[token.value] = token
        return token

    def find(self, value: str | None) -> Token | None:
        """Return the token if it is good now."""
        token = self._by_value.get(value or "")
        return token if token and not token.revoked and self.now() < token.expires_at else None

    def revoke(self, client_id: str | None = None) -> int:
        """End the tokens of one client, or all; return how many were good."""
        ended = [
            one
            for one in self.given
            if client_id in (None, one.client.client_id) and self.find(one.value) is not None
        ]
        for one in ended:
            one.revoked = True
        return len(ended)
