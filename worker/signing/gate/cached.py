"""One answer of a source that states how long it holds: asked for again in the background before it ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.cancelling import cancel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

T = TypeVar("T")

RETRY = timedelta(minutes=1)
"""The least time between two requests after one that failed."""
REFRESH = timedelta(hours=1)
"""The longest time after which a source is asked again, however long its answer holds."""


class Cached(Generic[T]):
    """``fetch`` returns the answer and when it ends (UTC), None where there is none at present; it does not raise."""

    def __init__(
        self, fetch: Callable[[], Awaitable[tuple[T, datetime] | None]], *, clock: Callable[[], datetime]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._held: tuple[T, datetime] | None = None
        self._again: datetime | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def held(self) -> T | None:
        """The answer that holds now, without asking."""
        return self._held[0] if self._held is not None and self._clock() < self._held[1] else None

    async def get(self) -> T | None:
        """Return the answer that holds now; waits only where there is none. None where the source gave none."""
        if self._again is None or self._clock() >= self._again:
            self._ask()
        if (held := self.held) is not None or self._running is None:
            return held
        # Shielded: one submission that is cancelled must not take the answer from the others that wait.
        await asyncio.shield(self._running)
        return self.held

    async def close(self) -> None:
        """End a request under way."""
        if self._running is not None:
            await cancel([self._running])

    def _ask(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._refresh(), name="revocation")

    async def _refresh(self) -> None:
        try:
            found = await self._fetch()
            now = self._clock()
            if found is None:
                self._again = now + RETRY
                return
            self._held = found
            self._again = min(now + REFRESH, max(found[1] - (found[1] - now) / 10, now + RETRY))
        finally:
            self._running = None
