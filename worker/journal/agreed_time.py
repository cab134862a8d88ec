"""The time by which what is old is removed: two clocks must agree that it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg


async def earlier_time(connection: asyncpg.Connection, now: datetime) -> datetime:
    """Return ``now``, or the database's time where that is earlier. A clock that is ahead must remove nothing."""
    there: datetime = await connection.fetchval("select clock_timestamp()")
    return min(now, there)
