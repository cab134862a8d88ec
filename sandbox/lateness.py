"""How late the sandbox is: on a busy machine, a request lies in the network's buffers before it is read."""

from __future__ import annotations

import asyncio
from collections import deque

TICK = 0.1
"""Seconds between two looks."""
_TURNS = 3
"""Turns of the event loop that a request may have waited for: for its bytes, its handler, and its body."""


class Lateness:
    """Follows by how much the event loop is behind. ``watch`` must be running in a task."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=_TURNS)
        self._due: float | None = None

    def seconds(self) -> float:
        """Return for how many seconds a request that is noted now may have waited here, at the most."""
        if self._due is None:
            return 0.0
        return sum(self._late) + max(0.0, asyncio.get_running_loop().time() - self._due)

    async def watch(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._due = loop.time() + TICK
            await asyncio.sleep(TICK)
            self._late.append(max(0.0, loop.time() - self._due))
