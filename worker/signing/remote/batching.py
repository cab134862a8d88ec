"""Signatures of several submissions in one call: while a call is in flight, the next one gathers digests.

A batch is checked as a whole, so that a provider's order does not matter, and each submission gets its own signature or
its own failure.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from contracts.immutable import immutable
from worker.cancelling import cancel
from worker.signing.checked import CheckedSigner
from worker.signing.port import DigestSigner, SigningFailed
from worker.signing.remote.gathering import Wait, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.signing.gate.gate import CertificateGate
    from worker.signing.remote.gathering import BatchPolicy


@runtime_checkable
class SignsBatches(DigestSigner, Protocol):
    """A digest signer for which one call with many digests costs about as much as one with a single digest."""

    @property
    def batch_policy(self) -> BatchPolicy:
        """How digests share calls, as far as it is known at this moment."""


@immutable
class _Waiting:
    digest: bytes
    since: float
    signature: asyncio.Future[bytes]


class BatchingSigner(CheckedSigner):
    """A checked signer that gathers the digests of concurrent calls."""

    def __init__(
        self, signer: SignsBatches, gate: CertificateGate, *, monotonic: Callable[[], float]
    ) -> None:
        super().__init__(signer, gate)
        self._batches = signer
        self._monotonic = monotonic
        self._waiting: deque[_Waiting] = deque()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._later: asyncio.TimerHandle | None = None

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return one verified signature for each digest, in their order. Raises SigningFailed."""
        await self.identity()  # also tells the provider's limit, before the first call is made up
        loop, now = asyncio.get_running_loop(), self._monotonic()
        mine = [_Waiting(one, now, loop.create_future()) for one in digests]
        self._waiting.extend(mine)
        # In the next turn of the loop, so that what comes in this one goes together.
        loop.call_soon(self._call)
        try:
            return await asyncio.gather(*(one.signature for one in mine))
        finally:
            for one in mine:
                one.signature.cancel()  # those that are not done: nobody waits for them any more

    async def close(self) -> None:
        """End the calls that are in flight, and release the signer's connections."""
        if self._later is not None:
            self._later.cancel()
        self._fail(self._taken(len(self._waiting)), SigningFailed("the worker stops", transient=True))
        await cancel(self._in_flight)
        await super().close()

    def _call(self) -> None:
        """Make the calls that the policy wants now."""
        while True:
            self._drop_abandoned()
            waited = self._monotonic() - self._waiting[0].since if self._waiting else 0.0
            told = decide(
                self._batches.batch_policy,
                waiting=len(self._waiting),
                in_flight=len(self._in_flight),
                waited=waited,
            )
            if isinstance(told, Wait):
                self._call_after(told.seconds)
                return
            # In a context of its own: what it logs is about no single submission.
            batch = self._taken(told.count)
            call = asyncio.create_task(self._sign(batch), context=contextvars.Context())
            self._in_flight.add(call)
            call.add_done_callback(self._done)

    def _call_after(self, seconds: float | None) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if seconds is not None:
            self._later = asyncio.get_running_loop().call_later(seconds, self._call)

    def _done(self, call: asyncio.Task[None]) -> None:
        self._in_flight.discard(call)
        if not call.cancelled():
            self._call()

    async def _sign(self, batch: Sequence[_Waiting]) -> None:
        try:
            signatures = await self.sign_each([one.digest for one in batch])
        except SigningFailed as failed:
            self._fail(batch, failed)
        except BaseException as error:
            # A defect, or the end of the worker: those that wait must not hang.
            self._fail(batch, SigningFailed(f"the signer failed ({type(error).__name__})", transient=True))
            raise
        else:
            for one, signature in zip(batch, signatures, strict=True):
                _settle(one.signature, signature)

    def _taken(self, count: int) -> list[_Waiting]:
        return [self._waiting.popleft() for _ in range(count)]

    def _drop_abandoned(self) -> None:
        if any(one.signature.done() for one in self._waiting):
            self._waiting = deque(one for one in self._waiting if not one.signature.done())

    @staticmethod
    def _fail(batch: Sequence[_Waiting], failed: SigningFailed) -> None:
        for one in batch:
            _settle(one.signature, failed)


def _settle(future: asyncio.Future[bytes], result: bytes | SigningFailed) -> None:
    if future.done():
        return
    if isinstance(result, SigningFailed):
        future.set_exception(result)
    else:
        future.set_result(result)
