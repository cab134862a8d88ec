"""A connection for short pieces of work that come in bursts, and seldom otherwise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

T = TypeVar("T")


class SharedConnection:
    """One connection for all who ask at the same time, one after the other; closed when nobody asks any more."""

    def __init__(self, settings: JournalSettings, name: str, clock: Clock) -> None:
        """Make it without I/O. ``name`` is for the server's activity view and the log."""
        self._connection = ReconnectingConnection(
            settings, name, clock, statement_seconds=settings.statement_seconds
        )
        self._turn = asyncio.Lock()
        self._asking = 0
        self._outages = 0

    async def run(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Do the work once. Raises JournalUnavailable in an outage, also where the one before met it meanwhile."""
        self._asking += 1
        known = self._outages
        try:
            async with self._turn:
                # Else the last of many would wait for as many attempts to connect.
                if self._outages != known:
                    raise JournalUnavailable(self._connection.why)
                return await self._attempt(work)
        finally:
            self._asking -= 1
            if not self._asking:
                await self._connection.close()

    async def _attempt(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        try:
            return await self._connection.run(work)
        except JournalUnavailable:
            self._outages += 1
            raise
