"""The store's own connections to the journal's database: submissions never wait for files, nor these for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from worker.file_store import FileStoreOutage
from worker.journal.errors import CannotDecrypt
from worker.journal.taking_turns import TurnsConnection
from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

_Result = TypeVar("_Result")


class FileConnections:
    """Two connections, one for facts and one for bytes: each does one short statement at a time, in the order asked.

    However many files are written and read at once, the database has one piece of them in work.
    """

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._facts = TurnsConnection(settings, "files", clock)
        self._bytes = TurnsConnection(settings, "file contents", clock)

    async def facts(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        """Do short work on what is known of files. Raises FileStoreOutage."""
        return await _on(self._facts, work)

    async def bytes(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        """Read or write one piece. Raises FileStoreOutage."""
        return await _on(self._bytes, work)

    async def close(self) -> None:
        """Close both."""
        await self._facts.close()
        await self._bytes.close()


async def _on(
    connection: TurnsConnection, work: Callable[[asyncpg.Connection], Awaitable[_Result]]
) -> _Result:
    try:
        return await connection.run(work)
    except (JournalOutage, CannotDecrypt) as error:
        raise FileStoreOutage(str(error)) from None
