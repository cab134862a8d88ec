"""Waking what waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Wakeup:
    """Wakes every task that waits for it at that moment."""

    def __init__(self) -> None:
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Wake the waiting tasks."""
        self._notified.set()
        self._notified = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next call of `notify`."""
        await self._notified.wait()

    async def wait_or(self, sleep: Awaitable[None]) -> None:
        """Wait for the next call of `notify`, or until ``sleep`` ends."""
        either = [asyncio.ensure_future(self.wait()), asyncio.ensure_future(sleep)]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in either:
                one.cancel()
