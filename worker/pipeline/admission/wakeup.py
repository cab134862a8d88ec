"""Waking what waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine


class Wakeup:
    """Wakes every task that waits for it at that moment."""

    def __init__(self) -> None:
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Wake the waiting tasks."""
        self._notified.set()
        self._notified = asyncio.Event()

    def wait(self) -> Coroutine[Any, Any, Literal[True]]:
        """Wait for the next call of `notify`, from now on: also of one that comes before the wait has begun."""
        return self._notified.wait()

    async def wait_or(self, sleep: Awaitable[None]) -> None:
        """Wait for the next call of `notify`, or until ``sleep`` ends."""
        either = [asyncio.ensure_future(self.wait()), asyncio.ensure_future(sleep)]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in either:
                one.cancel()
