"""Asking again for an answer that a provider gives later, until a deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from worker.signing.csc.calls import CallRefused
from worker.signing.csc.refusals import Cause
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from worker.signing.csc.settings import CscSigner
    from worker.signing.remote.exchange import Reply

Sleep: TypeAlias = Callable[[float], Awaitable[object]]
"""Waits for some seconds."""
_NOT_YET = (Cause.PENDING, Cause.PASSING)


class Polling:
    """Asks in the settings' interval. An unanswered question is asked again: what it asks about stays the same."""

    def __init__(self, settings: CscSigner, *, monotonic: Callable[[], float], sleep: Sleep) -> None:
        self._interval = settings.poll_interval
        self._timeout = settings.poll_timeout
        self._monotonic = monotonic
        self._sleep = sleep

    async def until(
        self, ask: Callable[[], Awaitable[Reply]], complete: Callable[[Reply], bool], what: str
    ) -> Reply:
        """Return the first complete answer. Raises CallRefused, and SigningFailed after the deadline."""
        end = self._monotonic() + self._timeout
        while True:
            reply = await _asked(ask)
            if reply is not None and complete(reply):
                return reply
            if self._monotonic() + self._interval > end:
                raise SigningFailed(
                    f"the provider did not give {what} within {self._timeout:g} s", transient=True
                )
            await self._sleep(self._interval)


async def _asked(ask: Callable[[], Awaitable[Reply]]) -> Reply | None:
    """Return the answer; None where there is none yet."""
    try:
        return await ask()
    except CallRefused as refused:
        if refused.problem.cause not in _NOT_YET:
            raise
    except SigningFailed as failed:
        if not failed.transient:
            raise
    return None
