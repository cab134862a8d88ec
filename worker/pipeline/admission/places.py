"""A number of places, given in the order in which they are asked for. A wait costs a future, and no task."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from worker.event_loop import running_loop
from worker.pipeline.shutdown import until

if TYPE_CHECKING:
    import asyncio

    from worker.pipeline.shutdown import Shutdown


class Places:
    """So many places."""

    __slots__ = ("__weakref__", "_free", "_waiters")

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiters: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place, if there is one; who waits already has none to lose, as there is none free then."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def acquire(self, shutdown: Shutdown) -> None:
        """Take a place. Raises Released where a shutdown begins before there is one."""
        if self.take():
            return
        given: asyncio.Future[None] = running_loop().create_future()
        self._waiters.append(given)
        try:
            await until(given, shutdown)
        except BaseException:
            if not given.cancelled():  # the place was given at the same moment
                self.release()
            raise

    def release(self) -> None:
        """Give a place back, to whoever waits for the longest time."""
        while self._waiters:
            given = self._waiters.popleft()
            if not given.done():
                given.set_result(None)
                return
        self._free += 1
