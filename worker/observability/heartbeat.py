"""Whether the event loop runs, and how late it is: a task that wakes up every second."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT = 1.0
"""Seconds between two beats."""


class Heartbeat:
    """Reports to ``late`` by how many seconds each beat was late."""

    def __init__(
        self, late: Callable[[float], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._late = late
        self._monotonic = monotonic

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            due = self._monotonic() + BEAT
            await asyncio.sleep(BEAT)
            self._late(max(self._monotonic() - due, 0.0))
