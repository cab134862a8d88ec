"""The partitions of the evidence, one a day (UTC): which there are, and making, locking and dropping them.

Each change waits only briefly for a lock: what waits for one keeps workers waiting behind it.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

_log = logging.getLogger(__name__)

AHEAD = 7
"""Days after today that have their partition: for so long may nobody be there to make more."""
LOCK_MS = 200
"""For how long a change of partitions waits for a lock, and workers behind it."""
CHECK_MS = 5000
"""For how long at most the default partition is searched, under a lock, for rows of a new day."""

_DAYS = """
select to_date(right(c.relname, 8), 'YYYYMMDD') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'evidence'::regclass and c.relname ~ '^evidence_[0-9]{8}$'
order by day
"""
_BRIEFLY = f"set local lock_timeout = {LOCK_MS}"
_CHECKED_BRIEFLY = f"set local statement_timeout = {CHECK_MS}"


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins, and when the next one does."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + timedelta(days=1)


async def days(connection: asyncpg.Connection) -> list[date]:
    """Return the days that have a partition, the oldest first."""
    return [row["day"] for row in await connection.fetch(_DAYS)]


async def prepare(connection: asyncpg.Connection, today: date) -> str | None:
    """Make the partitions that are missing of today and the next days; say what is wrong if tomorrow has none.

    A day that already has rows elsewhere gets none. Rows without a partition are safe in the default one.
    """
    there = set(await days(connection))
    wanted = [today + timedelta(days=ahead) for ahead in range(AHEAD + 1)]
    try:
        for day in wanted:
            if day not in there:
                await _make(connection, day)
    except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError) as error:
        _log.info("no partition was made for new evidence: %s", error.args[0])
    if today + timedelta(days=1) in await days(connection):
        return None
    problem = "tomorrow's evidence has no partition of its own: it will be removed row by row"
    _log.warning(problem)
    return problem


async def _make(connection: asyncpg.Connection, day: date) -> None:
    async with connection.transaction():
        await connection.execute(f"{_BRIEFLY}; {_CHECKED_BRIEFLY}")
        await connection.execute("select make_evidence_day($1)", day)


@asynccontextmanager
async def dropping(connection: asyncpg.Connection, day: date) -> AsyncIterator[None]:
    """Lock a day, let the caller copy what is still needed, and drop it: in one transaction, or not at all.

    Raises LockNotAvailableError where another transaction uses the table for longer than `LOCK_MS`.
    """
    async with connection.transaction():
        await connection.execute(_BRIEFLY)
        await connection.execute("select lock_evidence_day($1)", day)
        yield
        await connection.execute("select drop_evidence_day($1)", day)
