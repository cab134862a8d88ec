"""Waiting for Kafka's acknowledgements, each for the same time at most: one timer serves all of them.

`asyncio.timeout` would make a timer for each, which is half of what publishing an event costs.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

T = TypeVar("T")


class Acknowledgements:
    """The acknowledgements that are waited for."""

    def __init__(self, seconds: float) -> None:
        """``seconds``: how long each is waited for at most."""
        self._seconds = seconds
        self._ends: dict[asyncio.Future[Any], float] = {}
        """Until when each is waited for, by the loop's clock; in the order in which that comes."""
        self._late: set[asyncio.Future[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, acknowledgement: asyncio.Future[T]) -> T:
        """Return what it says, or raise its error; TimeoutError where the time is over. It is cancelled then."""
        loop = acknowledgement.get_loop()
        self._ends[acknowledgement] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._end)
        try:
            return await acknowledgement
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if acknowledgement in self._late and not (task and task.cancelling()):
                raise TimeoutError from None
            raise
        finally:
            self._late.discard(acknowledgement)
            self._ends.pop(acknowledgement, None)

    def _end(self) -> None:
        """End the waits whose time is over, and come again for the next one."""
        self._timer = None
        loop = asyncio.get_running_loop()
        for acknowledgement, end in tuple(self._ends.items()):
            if end > loop.time():
                self._timer = loop.call_at(end, self._end)
                return
            del self._ends[acknowledgement]
            if acknowledgement.cancel():
                self._late.add(acknowledgement)
