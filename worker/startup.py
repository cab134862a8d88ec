"""Waiting at the start for what is unavailable, and reporting what that is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds between attempts to reach what is unavailable."""

T = TypeVar("T")


class NotYet(Exception):
    """Something is unavailable and may become available; the text says why, as far as known, without secrets."""


class Stopped(Exception):
    """The worker was asked to stop while it waited."""


class Waiting:
    """Repeats attempts until they work or `stop` is set; `what` is for the readiness probe."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self.what: str | None = "start"

    async def until(self, name: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what `attempt` returns once it raises NotYet no more. Raises Stopped."""
        self.what = name
        while True:
            work = asyncio.ensure_future(attempt())
            stopped = asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not work.done():
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError, NotYet):
                    await work
                raise Stopped
            try:
                return work.result()
            except NotYet as reason:
                self._say(name, str(reason))
            await self._pause()

    def _say(self, name: str, why: str) -> None:
        what = f"{name}: {why}" if why else name
        if what != self.what:
            log.warning("waiting", extra={"waiting_for": what})
        self.what = what

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                await self._stop.wait()
            raise Stopped
