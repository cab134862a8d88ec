"""Removing files: those that are over, and the bytes of those that are gone. One process of several does it.

What is known of a file goes first, and with it the key of its bytes; the bytes follow, however long their storage is
unavailable: their row in the journal stays until then.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.file_store import FileStoreOutage
from worker.files import sql
from worker.journal.agreed_time import earlier_time
from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.journal.leadership import leads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import asyncpg

    from worker.files.contents import Contents
    from worker.files.counts import FileCounts
    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

_LOCK = 0x48455241_4C47
"""Any fixed number: the process whose session has this advisory lock removes."""
PAUSE = 60.0
"""Seconds between two looks for what is over."""
BATCH = 100
STATEMENT_SECONDS = 60.0


@immutable
class Backlog:
    """Contents whose bytes are to be deleted, and since how many seconds the oldest is."""

    count: int
    oldest: float


class FilesCollector:
    """`run` removes while this process leads. Times are its clock's."""

    def __init__(
        self,
        settings: JournalSettings,
        backends: Mapping[str, Contents],
        clock: Clock,
        access_days: int,
        counts: FileCounts,
    ) -> None:
        self._backends = backends
        self._clock = clock
        self._access = timedelta(days=access_days)
        self._connection = ReconnectingConnection(
            settings, "files retention", clock, statement_seconds=STATEMENT_SECONDS
        )
        self._counts = counts
        self.leads = False
        """Whether this process removed when it last looked."""
        self.backlog: Backlog | None = None
        """What is left to delete; None where this process does not lead."""
        self.problem: str | None = None
        """Why something that is over could not be removed when it was last tried."""

    async def run(self) -> None:
        """Remove until cancelled."""
        while True:
            await self.collect_if_leading()
            await self._clock.sleep(PAUSE)

    async def collect_if_leading(self) -> None:
        """Remove once, where no other process does. Errors are logged: a task that ended would never remove again."""
        try:
            await self._connection.run(self._work)
        except JournalUnavailable as error:
            self.leads, self.backlog = False, None
            self.problem = f"the journal is unavailable: {error}"
        except Exception:
            self.problem = "removing files failed; the log says why"
            log.exception("files were not removed")

    async def close(self) -> None:
        """End the session, so that another process leads."""
        await self._connection.close()

    async def _work(self, connection: asyncpg.Connection) -> None:
        self.leads = await leads(connection, _LOCK)
        self.problem = None
        if not self.leads:
            self.backlog = None
            return
        now = await earlier_time(connection, self._clock.now())
        while len(await connection.fetch(sql.REMOVE, now, BATCH)) == BATCH:
            pass
        await self._delete(connection, now)
        for statement in (sql.FORGET_FILES, sql.FORGET_ACCESSES):
            while await connection.fetch(statement, now - self._access, BATCH):
                pass
        (row,) = await connection.fetch(sql.BACKLOG, now)
        self.backlog = Backlog(row["due"], row["oldest"])

    async def _delete(self, connection: asyncpg.Connection, now: datetime) -> None:
        """Delete the bytes of what is due, in turn; those of a storage that is unavailable stay due."""
        able = dict(self._backends)
        while able and (rows := await connection.fetch(sql.DUE, now, list(able), BATCH)):
            for row in rows:
                backend = able.get(row["backend"])
                if backend is None:
                    continue
                try:
                    await backend.remove(row["location"])
                except FileStoreOutage as outage:
                    self.problem = f"the bytes of files could not be deleted: {outage}"
                    log.warning("the bytes of a file were not deleted", extra={"detail": str(outage)})
                    self._counts.transferred("delete", 0, complete=False)
                    del able[row["backend"]]
                else:
                    await connection.execute(sql.FORGET_CONTENT, row["id"])
                    self._counts.transferred("delete", 0, complete=True)
