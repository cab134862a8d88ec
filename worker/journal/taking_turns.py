"""A connection for several users, one after the other, as the pipeline's ports want it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

_Result = TypeVar("_Result")


class TurnsConnection:
    """A connection that does one thing at a time, in the order asked. ``name`` is for the server's activity view."""

    def __init__(self, settings: JournalSettings, name: str, clock: Clock) -> None:
        self._connection = ReconnectingConnection(
            settings, name, clock, statement_seconds=settings.statement_seconds
        )
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        """Do the work once and return its result. Raises JournalOutage while the journal is unavailable."""
        try:
            async with self._turn:
                return await self._connection.run(work)
        except JournalUnavailable as error:
            raise JournalOutage(str(error)) from None

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
