"""Where the bytes of an attempt may lie, and how a test gets them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.postgres.journal import AT

if TYPE_CHECKING:
    from datetime import date

    import asyncpg

DAY = AT.date()
"""The day of everything that tests write, which is long over and which nobody made a partition for."""
PLACES = ("day", "default", "kept", "before")
"""The day's partition, the default one, what was kept of a dropped day, and the columns of the version before."""

_TO_KEPT = "with gone as (delete from evidence returning *) insert into evidence_kept select * from gone"
_TO_OLD_COLUMNS = """
update attempts a
set url = coalesce(r.url, a.url), request_headers = r.headers, request = r.body,
    answer_headers = w.headers, answer = w.body
from evidence r
left join evidence w on (w.source, w.id, w.message_id, w.kind) = (r.source, r.id, r.message_id, 'answer')
where r.kind = 'request' and (r.source, r.id, r.message_id) = (a.source, a.id, a.message_id);
delete from evidence
"""


async def make_day(connection: asyncpg.Connection, day: date = DAY, count: int = 1) -> None:
    """Make the partitions of a day and of those that follow."""
    made = "select make_evidence_day($1::date + n) from generate_series(0, $2::int - 1) as n"
    await connection.execute(made, day, count)


async def before_writing(connection: asyncpg.Connection, place: str) -> None:
    """Make the day's partition where the bytes are to lie in it."""
    if place == "day":
        await make_day(connection)


async def after_writing(connection: asyncpg.Connection, place: str) -> None:
    """Move all bytes to their place."""
    if place == "kept":
        await connection.execute(_TO_KEPT)
    elif place == "before":
        await connection.execute(_TO_OLD_COLUMNS)


async def places(connection: asyncpg.Connection) -> dict[str, int]:
    """Return how many rows with bytes lie where; nothing of places without."""
    counts = await connection.fetch(
        "select tableoid::regclass::text as place, count(*) from evidence group by 1"
        " union all select 'evidence_kept', count(*) from evidence_kept"
        " union all select 'attempts', count(*) from attempts where request is not null"
    )
    return {row["place"]: row["count"] for row in counts if row["count"]}
