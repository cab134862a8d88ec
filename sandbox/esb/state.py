"""What the token service and the gateway share: clients, tokens, variants, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.esb.answers import Form
from sandbox.esb.clients import Clients
from sandbox.esb.tokens import Tokens
from sandbox.esb.variants import Variants

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that the ESB itself refused."""

    at: str
    where: str
    client_id: str | None
    code: str


class State:
    """One ESB's state."""

    def __init__(self, now: Callable[[], datetime], token_seconds: float = 3600.0) -> None:
        self._now = now
        self._first = Variants(token_seconds=token_seconds)
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self.variants = self._first
        self.clients = Clients()
        self.tokens = Tokens(self._now)
        self.introspections: list[dict[str, Any]] = []
        self.refusals: list[Refusal] = []

    @property
    def form(self) -> Form:
        """How refusals are written now."""
        return Form(self.variants.errors, self.variants.retry_after)

    def note_refusal(self, where: str, client_id: str | None, code: str) -> None:
        """Note a refused request."""
        self.refusals.append(Refusal(self._now().isoformat(), where, client_id, code))

    def note_introspection(self, client_id: str | None, *, active: bool) -> None:
        """Note an introspection."""
        at = self._now().isoformat()
        self.introspections.append({"at": at, "client_id": client_id, "active": active})
