"""Access tokens, one per certificate: renewed early, one renewal at a time however many wait for it.

A request that fails is one failure, also where several submissions waited for it (`NotPrepared.shared`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable
from worker.cancelling import cancel
from worker.observability.journey import traced
from worker.observability.metrics.labels import TokenOutcome
from worker.outcome import Blocked
from worker.systems.port import NotPrepared

if TYPE_CHECKING:
    from worker.outcome import Retry
    from worker.systems.port import Prepared

_BEARER = "Bearer "
_NONE: Mapping[str, str] = MappingProxyType({})


@immutable
class Granted:
    """What the authorisation service gave: a token and for how many seconds.

    ``headers``: further secret headers that a message with this token carries.
    """

    token: str = field(repr=False)
    seconds: float
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)


Fetch: TypeAlias = Callable[[str], Awaitable["Granted | Retry | Blocked"]]
"""Get a new token for a signer. Reports trouble as an outcome and does not raise."""


@immutable
class _Failed:
    """How a request for a token ended without one; ``request`` distinguishes it from others."""

    outcome: Retry | Blocked
    request: bytes


@immutable
class _Held:
    granted: Granted
    renew_at: float
    ends_at: float


def bearer(token: str) -> Mapping[str, str]:
    """Return the secret headers that carry a token (RFC 6750)."""
    return {"authorization": _BEARER + token}


def token_of(prepared: Prepared) -> str:
    """Return the token that a message carries; empty for a message as the journal has it, without secrets."""
    return prepared.secret_headers.get("authorization", "").removeprefix(_BEARER)


class Tokens:
    """The tokens of all signers, timed by `monotonic`: the wall clock may jump, a lifetime does not.

    After a refusal (Blocked) no token is requested for that signer for ``refusal_rest`` seconds. ``requested`` is
    called with the outcome of each request.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        monotonic: Callable[[], float],
        margin: float,
        refusal_rest: float = 0.0,
        requested: Callable[[TokenOutcome], None] = lambda _: None,
    ) -> None:
        self._fetch = fetch
        self._requested = requested
        self._monotonic = monotonic
        self._margin = margin
        self._refusal_rest = refusal_rest
        self._refused: dict[str, tuple[Blocked, float]] = {}
        self._held: dict[str, _Held] = {}
        self._requests = count(1)
        self._renewals: dict[str, asyncio.Task[Granted | _Failed]] = {}
        self._changes: Counter[str] = Counter()
        """How often each signer was forgotten."""
        self._forgotten: set[asyncio.Task[Granted | _Failed]] = set()
        """Renewals under way for a signer that was forgotten meanwhile: what they bring is not kept."""

    async def get(self, signer: str) -> str:
        """Return a token that is still valid. Raises NotPrepared with why there is none."""
        return (await self.granted(signer)).token

    async def granted(self, signer: str) -> Granted:
        """Return what was granted and is still valid. Raises NotPrepared with why there is nothing.

        Shortly before its end a token is renewed in the background, and serves on until the new one is there.
        """
        held = self._valid(signer)
        if held is None:
            return await self._renewed(signer)
        if self._monotonic() >= held.renew_at and self._refusal(signer) is None:
            self._renewal(signer)
        return held.granted

    def drop(self, signer: str, token: str) -> None:
        """Forget this very token; one that has replaced it meanwhile stays."""
        held = self._held.get(signer)
        if held is not None and held.granted.token == token:
            del self._held[signer]

    def forget(self, signer: str) -> None:
        """Forget the signer's token and refusal, for it has another key or password; get a new one when next asked.

        Who waits for a token that was asked for with the earlier one gets a new one too.
        """
        self._changes[signer] += 1
        self._held.pop(signer, None)
        self._refused.pop(signer, None)
        if (renewal := self._renewals.pop(signer, None)) is not None:
            self._forgotten.add(renewal)
            renewal.add_done_callback(self._forgotten.discard)

    async def close(self) -> None:
        """End the renewals under way."""
        await cancel([*self._renewals.values(), *self._forgotten])

    def _valid(self, signer: str) -> _Held | None:
        held = self._held.get(signer)
        return held if held is not None and self._monotonic() < held.ends_at else None

    def _refusal(self, signer: str) -> Blocked | None:
        refusal, until = self._refused.get(signer, (None, 0.0))
        return refusal if self._monotonic() < until else None

    async def _renewed(self, signer: str) -> Granted:
        refusal = self._refusal(signer)
        if refusal is not None:
            raise NotPrepared(refusal)
        # Shielded: one submission that is cancelled must not take the token from the others that wait.
        with traced("token"):
            changes = self._changes[signer]
            renewed = await asyncio.shield(self._renewal(signer))
        if changes != self._changes[signer]:
            return await self.granted(signer)
        if isinstance(renewed, _Failed):
            raise NotPrepared(renewed.outcome, shared=renewed.request)
        return renewed

    def _renewal(self, signer: str) -> asyncio.Task[Granted | _Failed]:
        if signer not in self._renewals:
            self._renewals[signer] = asyncio.create_task(self._renew(signer), name=f"token of {signer}")
        return self._renewals[signer]

    async def _renew(self, signer: str) -> Granted | _Failed:
        asked_at, outcome, changes = self._monotonic(), TokenOutcome.FAILED, self._changes[signer]
        try:
            granted = await self._fetch(signer)
            current = changes == self._changes[signer]
            if isinstance(granted, Blocked):
                outcome = TokenOutcome.REFUSED
                if current:
                    self._refused[signer] = (granted, self._monotonic() + self._refusal_rest)
            if not isinstance(granted, Granted):
                return _Failed(granted, f"token request {next(self._requests)}".encode())
            if current:
                self._held[signer] = self._hold(granted, asked_at)
            outcome = TokenOutcome.GRANTED
            return granted
        finally:
            if changes == self._changes[signer]:
                del self._renewals[signer]
            self._requested(outcome)

    def _hold(self, granted: Granted, asked_at: float) -> _Held:
        """Count the life of a token from before it was asked for, which can only be too early."""
        usable = granted.seconds - min(self._margin, granted.seconds / 2)
        return _Held(granted, asked_at + usable, asked_at + granted.seconds)
