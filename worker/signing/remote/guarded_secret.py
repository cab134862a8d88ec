"""A secret that the provider may lock after wrong tries: it is tried once, and never again after a refusal.

A try whose answer was lost counts like a refusal, unless the provider took the secret before. So a try is not broken
off: whoever asked for it may go, and its end is awaited and written down all the same.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, TypeVar

from worker.cancelling import cancel
from worker.signing.port import SigningFailed
from worker.signing.remote.remembered_secret import PATIENCE, Description, RememberedSecret, Trial
from worker.signing.remote.secret_try import Try

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.signing.port import RefusedSecrets
    from worker.signing.remote.remembered_secret import Reserved

T = TypeVar("T")
_GIVEN_UP = "the signer was closed before its {what} was sent"


class Refusal(Exception):
    """Raised within a try where the provider refused the secret; the text is a plain sentence."""


class Undecided(SigningFailed):
    """Raised within a try that the provider has not decided: it can be asked again without the secret."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, transient=True)


class GuardedSecret:
    """One secret of one signer."""

    def __init__(
        self,
        described: Description,
        memory: RefusedSecrets,
        *,
        longest: float,
        trial: Trial | None = None,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Make it. Times are seconds, as ``sleep`` waits them.

        ``longest``: how long `finish` waits. ``patience``: the longest wait for another worker's try.
        """
        self._described = described
        self._trial = trial or Trial()
        self._known = RememberedSecret(described, memory, self._trial, patience=patience, sleep=sleep)
        self._longest = longest
        self._running: dict[asyncio.Task[object], Try] = {}

    async def tried(
        self, work: Callable[[Try], Awaitable[T]], *, answering: Callable[[], Awaitable[object]]
    ) -> T:
        """Return the result of ``work``, which makes one try of the secret; without an exception it was accepted.

        Of all workers one tries it at a time. A try that was sent is not cancelled with its caller. After one that had
        no answer, the provider must first answer the question ``answering``, which holds no secret. Raises
        SecretRefused where the secret was refused before, and in place of a `Refusal`; SecretInDoubt where it may be
        wrong and was tried, also by this try; SigningFailed where another worker tries it for a long time, and where
        the memory is unavailable; else what ``work`` raises.
        """
        one = Try(self._described.secret)
        # In a context of its own: it may outlive the submission that asked for it.
        task = asyncio.create_task(self._tried(one, work, answering), context=contextvars.Context())
        self._running[task] = one
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            here = asyncio.current_task()
            if task.cancelled() and here is not None and not here.cancelling():
                raise SigningFailed(_GIVEN_UP.format(what=self._described.what), transient=True) from None
            if one.cancellable:
                task.cancel()
            raise

    async def settled(self, decision: Awaitable[T]) -> T:
        """Return the decision about an earlier, undecided try; it ends the doubt. Raises what the decision raises."""
        try:
            result = await decision
        except Refusal as refusal:
            raise await self._known.refuse(str(refusal)) from None
        await self._known.accept()
        return result

    async def require_usable(self) -> None:
        """Raise SecretRefused or SecretInDoubt where it must not be tried, and SigningFailed without the memory."""
        await self._known.require_usable()

    async def note_interest(self) -> None:
        """Let the memory know that this signer has the secret, too: `herald signers unblock` goes by signers."""
        await self._known.note_interest()

    async def finish(self) -> None:
        """Wait for the end of a try that was sent, for a bounded time. One that was not sent yet is given up."""
        running = dict(self._running)
        for task, one in running.items():
            one.give_up()
            if one.cancellable:
                task.cancel()
        if running:
            _, late = await asyncio.wait(running, timeout=self._longest)
            await cancel(late)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.pop(task, None)
        if not task.cancelled():
            task.exception()  # looked at: who was cancelled while waiting for it does not

    async def _tried(
        self, one: Try, work: Callable[[Try], Awaitable[T]], answering: Callable[[], Awaitable[object]]
    ) -> T:
        async with self._trial.one:
            mine = await self._known.reserved()
            try:
                async with self._known.renewed(mine):
                    result = await _ended(one, work, answering if mine.again else None)
            except Refusal as refusal:
                raise await self._known.refuse(str(refusal), mine) from None
            except BaseException as failed:
                await self._failed(failed, one, mine)
                raise
            await self._known.accept(mine)
            return result

    async def _failed(self, failed: BaseException, one: Try, mine: Reserved) -> None:
        """Write down a try that neither was refused nor succeeded. Raises SecretInDoubt where it leaves the doubt."""
        if not one.unanswered:
            await self._known.release(mine)
        elif not isinstance(failed, asyncio.CancelledError):
            in_doubt = await self._known.unanswered(mine)
            if in_doubt is not None and not isinstance(failed, Undecided):
                raise in_doubt from None
        # Who cancels it then has waited as long as he may: the reservation runs out, which counts as no answer.

    def __repr__(self) -> str:
        return f"GuardedSecret({self._described.place!r})"


async def _ended(
    one: Try, work: Callable[[Try], Awaitable[T]], answering: Callable[[], Awaitable[object]] | None
) -> T:
    """Return the result of the try, after the question ``answering``; from then on it is not cancellable."""
    try:
        if answering is not None:
            await answering()
        return await work(one)
    finally:
        one.end()
