"""Getting authorisations for signatures (SAD): kept while they last, extended, or given anew with the PIN."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.signing.csc import wire
from worker.signing.csc.calls import CallRefused
from worker.signing.csc.refusals import Cause
from worker.signing.csc.sad import Sad
from worker.signing.port import SigningFailed
from worker.signing.remote.guarded_secret import GuardedSecret, Refusal, Undecided
from worker.signing.remote.lifetime import seconds_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from worker.signing.csc.calls import Calls
    from worker.signing.csc.credential import Credential
    from worker.signing.csc.polling import Polling
    from worker.signing.csc.service import Service
    from worker.signing.csc.wire import Wire
    from worker.signing.remote.exchange import Reply
    from worker.signing.remote.secret_try import Try


@immutable
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

    async def close(self) -> None:
        """Wait for the end of a try of the PIN, for a bounded time."""
        if self._secret is not None:
            await self._secret.finish()

    async def _given(
        self, service: Service, credential: Credential, hashes: Sequence[bytes], count: int
    ) -> Sad:
        """Ask for a new authorisation, or again about the one that was not decided in time."""
        bound_to, earlier = tuple(hashes) if credential.bound else (), self._undecided
        secret = None if credential.secret_id is None else self._secret
        if earlier is not None and earlier.serves(bound_to, len(hashes)):
            asking = self._decided(service, earlier, about_secret=False)
            return await (asking if secret is None else secret.settled(_judged(asking)))
        ask = partial(self._asked, service, credential, hashes, count)
        if secret is None:
            return await ask(None)
        return await secret.tried(lambda one: _judged(ask(one)), answering=partial(self._answering, service))

    async def _asked(
        self, service: Service, credential: Credential, hashes: Sequence[bytes], count: int, one: Try | None
    ) -> Sad:
        """Ask for a new authorisation, in one try of the PIN where there is one."""
        asked_at, bound_to = self._monotonic(), tuple(hashes) if credential.bound else ()
        body = self._wire.authorize(credential, hashes, count, None if one is None else one.secret)
        about = one is not None
        try:
            reply = await self._calls.call(service, wire.AUTHORIZE, body, about_secret=about, holding=one)
        except CallRefused as refused:
            if refused.problem.cause is Cause.SAD:
                # For fewer signatures than the provider states itself: the next try would get the same answer.
                raise SigningFailed(refused.problem.sentence, transient=False) from None
            raise
        if reply.text("SAD"):
            return _sad(reply, asked_at, count)
        self._undecided = _Undecided(_handle_in(reply), bound_to, count, asked_at)
        return await self._decided(service, self._undecided, about_secret=about)

    async def _decided(self, service: Service, asked: _Undecided, *, about_secret: bool) -> Sad:
        """Wait for the decision; one that does not come in time is waited for again by the next try."""

        async def ask() -> Reply:
            body = wire.check_handle(asked.handle)
            return await self._calls.call(service, wire.AUTHORIZE_CHECK, body, about_secret=about_secret)

        try:
            reply = await self._polling.until(ask, lambda one: bool(one.text("SAD")), "the authorisation")
        except CallRefused:
            self._undecided = None
            raise
        except SigningFailed as failed:
            raise Undecided(str(failed)) if failed.transient else failed from None
        self._undecided = None
        return _sad(reply, asked.asked_at, asked.count)

    async def _answering(self, service: Service) -> None:
        """Ask for something without the PIN. Raises CallRefused, and SigningFailed where no answer comes."""
        await self._calls.call(service, wire.CREDENTIAL, self._wire.credential())


async def _judged(asking: Awaitable[Sad]) -> Sad:
    """Return the authorisation. Raises Refusal where the provider refused the PIN."""
    try:
        return await asking
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
