"""Getting authorisations for signatures (SAD): kept while they last, extended, or given anew with the PIN."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.signing.csc import wire
from worker.signing.csc.calls import CallRefused
from worker.signing.csc.refusals import Cause
from worker.signing.csc.sad import Sad
from worker.signing.port import SigningFailed
from worker.signing.remote.guarded_secret import GuardedSecret, Refusal
from worker.signing.remote.lifetime import seconds_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from worker.signing.csc.calls import Calls
    from worker.signing.csc.credential import Credential
    from worker.signing.csc.polling import Polling
    from worker.signing.csc.service import Service
    from worker.signing.csc.wire import Wire
    from worker.signing.remote.exchange import Reply


@dataclass(frozen=True, slots=True)
class _Undecided:
    """An authorisation that was asked for and not decided yet: by its handle, and what it is for."""

    handle: str
    bound_to: tuple[bytes, ...]
    count: int
    asked_at: float

    def serves(self, bound_to: tuple[bytes, ...], count: int) -> bool:
        return self.bound_to == bound_to and count <= self.count


class Authorising:
    """The authorisations of one credential. Raises CallRefused and SigningFailed.

    ``secret`` is the credential's PIN or password, None where it has none. ``at_once``: signatures that are asked for
    with one authorisation.
    """

    def __init__(
        self,
        requests: Wire,
        calls: Calls,
        polling: Polling,
        monotonic: Callable[[], float],
        *,
        secret: GuardedSecret | None,
        at_once: int,
    ) -> None:
        self._wire = requests
        self._calls = calls
        self._polling = polling
        self._monotonic = monotonic
        self._secret = secret
        self._at_once = at_once
        self._sad: Sad | None = None
        self._undecided: _Undecided | None = None
        self._one = asyncio.Lock()

    async def sad(self, service: Service, credential: Credential, hashes: Sequence[bytes]) -> str:
        """Return an authorisation for these digests."""
        async with self._one:
            if credential.bound:
                return (await self._given(service, credential, hashes, len(hashes))).value
            held = self._sad
            if held is not None and held.extendable(len(hashes), self._monotonic()):
                held = await self._extended(service, held)
            if held is None or not held.covers(len(hashes), self._monotonic()):
                count = min(credential.multisign, max(self._at_once, len(hashes)))
                held = await self._given(service, credential, hashes, count)
            self._sad = held.spent(len(hashes))
            return held.value

    def drop(self, sad: str) -> None:
        """Forget this very authorisation; one that has replaced it meanwhile stays."""
        if self._sad is not None and self._sad.value == sad:
            self._sad = None

    async def _extended(self, service: Service, held: Sad) -> Sad | None:
        """Return it with a longer life; None where the provider does not extend it."""
        if not service.offers(wire.EXTEND) or not service.methods:
            return None
        asked_at = self._monotonic()
        with suppress(CallRefused):
            reply = await self._calls.call(service, wire.EXTEND, self._wire.extend(held.value))
            if reply.text("SAD"):
                return _sad(reply, asked_at, held.left)
        return None

    async def _given(
        self, service: Service, credential: Credential, hashes: Sequence[bytes], count: int
    ) -> Sad:
        """Ask for a new authorisation, or again about the one that was not decided in time."""
        bound_to, earlier = tuple(hashes) if credential.bound else (), self._undecided
        async with self._tried(credential) as secret:
            if earlier is not None and earlier.serves(bound_to, len(hashes)):
                return await self._decided(service, earlier, with_secret=False)
            asked_at, with_secret = self._monotonic(), secret is not None
            body = self._wire.authorize(credential, hashes, count, secret)
            reply = await self._asked(service, body, with_secret=with_secret)
            if reply.text("SAD"):
                return _sad(reply, asked_at, count)
            self._undecided = _Undecided(_handle_in(reply), bound_to, count, asked_at)
            return await self._decided(service, self._undecided, with_secret=with_secret)

    async def _asked(self, service: Service, body: Mapping[str, Any], *, with_secret: bool) -> Reply:
        try:
            return await self._calls.call(service, wire.AUTHORIZE, body, with_secret=with_secret)
        except CallRefused as refused:
            if refused.problem.cause is Cause.SAD:
                # For fewer signatures than the provider states itself: the next try would get the same answer.
                raise SigningFailed(refused.problem.sentence, transient=False) from None
            raise

    async def _decided(self, service: Service, asked: _Undecided, *, with_secret: bool) -> Sad:
        """Wait for the decision; one that does not come in time is waited for again by the next try."""

        async def ask() -> Reply:
            body = wire.check_handle(asked.handle)
            return await self._calls.call(service, wire.AUTHORIZE_CHECK, body, with_secret=with_secret)

        try:
            reply = await self._polling.until(ask, lambda one: bool(one.text("SAD")), "the authorisation")
        except CallRefused:
            self._undecided = None
            raise
        self._undecided = None
        return _sad(reply, asked.asked_at, asked.count)

    @asynccontextmanager
    async def _tried(self, credential: Credential) -> AsyncIterator[str | None]:
        """Give the secret for one try, where the credential has one."""
        if credential.secret_id is None or self._secret is None:
            yield None
            return
        async with self._secret.tried() as secret:
            try:
                yield secret
            except CallRefused as refused:
                if refused.problem.cause is Cause.SECRET:
                    raise Refusal(refused.problem.sentence) from None
                raise


def _sad(reply: Reply, asked_at: float, count: int) -> Sad:
    return Sad.given(
        reply.text("SAD"), asked_at=asked_at, lifetime=seconds_in(reply, "expiresIn"), count=count
    )


def _handle_in(reply: Reply) -> str:
    if handle := reply.text("handle"):
        return handle
    raise SigningFailed("the provider's answer holds no authorisation", transient=True)
