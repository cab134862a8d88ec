"""Retention of requests and answers: whole days are dropped, and what lies elsewhere is removed row by row."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import asyncpg

from contracts.immutable import immutable
from worker.admin.over_sql import IS_OVER, ITS_LETTER
from worker.journal.encoding import transposed
from worker.journal.evidence_days import bounds, days, dropping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

log = logging.getLogger(__name__)

DAY_SECONDS = 600.0
"""The longest time to go through one day's rows. Workers write to other days meanwhile, and wait for nothing."""

# Who has forgotten a submission (the version before may have) needs none of its evidence.
_KEEP = f"""
with of_day as (
    select distinct source, id from evidence where at >= $2 and at < $3
), needed as (
    select t.source, t.id from of_day t join submissions s using (source, id) {ITS_LETTER} where ({IS_OVER}) is not true
), kept as (
    insert into evidence_kept (at, source, id, message_id, kind, url, headers, body)
    select e.at, e.source, e.id, e.message_id, e.kind, e.url, e.headers, e.body
    from evidence e join needed using (source, id) where e.at >= $2 and e.at < $3
    on conflict do nothing
)
select (select count(*) from of_day) as total, (select count(*) from needed) as kept
"""  # noqa: S608 - put together from constants, as all statements here

_DUE = f"""
select count(*) from (
    select source, id from evidence where at < $1
    union select source, id from evidence_kept
    union select source, id from attempts where (request is not null or answer is not null) and sent_at < $1
) as t join submissions s using (source, id) {ITS_LETTER}
where {IS_OVER}
"""  # noqa: S608

# What the version before wrote, and days without a partition: the oldest first. What is removed is not found again.
_OLDEST = (
    f"""
select s.source, s.id from attempts a join submissions s using (source, id) {ITS_LETTER}
where (a.request is not null or a.answer is not null) and a.sent_at < $1 and {IS_OVER}
order by a.sent_at limit $2 for update of s skip locked
""",  # noqa: S608
    f"""
select s.source, s.id from evidence_default e join submissions s using (source, id) {ITS_LETTER}
where e.at < $1 and {IS_OVER}
order by e.at limit $2 for update of s skip locked
""",  # noqa: S608
)
# Most of what was kept stays for longer: each batch begins after the last row of the one before.
_KEPT = f"""
select s.source, s.id from evidence_kept k join submissions s using (source, id) {ITS_LETTER}
where (k.source, k.id) > ($3, $4) and {IS_OVER}
order by k.source, k.id limit $2 for update of s skip locked
"""  # noqa: S608

FORGET = (
    """
delete from evidence_kept k using unnest($1::text[], $2::text[]) as t (source, id)
where k.source = t.source and k.id = t.id
""",
    """
delete from evidence_default e
using unnest($1::text[], $2::text[]) as t (source, id) join attempts a using (source, id)
where e.at = a.sent_at and e.source = a.source and e.id = a.id
""",
)
"""Remove the rows of submissions that lie in no day; they take sources and ids."""
# Of an address only the host stays: a path may hold parameters, and among them a patient's number.
_DROP_OLD_COLUMNS = """
update attempts a
set request = null, answer = null, request_headers = null, answer_headers = null,
    url = substring(url from '^[^/]*//[^/?#]*')
from unnest($1::text[], $2::text[]) as t (source, id)
where a.source = t.source and a.id = t.id and (a.request is not null or a.answer is not null)
"""
_NOTE = """
update submissions s set evidence_removed_at = clock_timestamp()
from unnest($1::text[], $2::text[]) as t (source, id)
where s.source = t.source and s.id = t.id
"""
# The version before deletes a submission, and knows nothing of these tables.
_FORGOTTEN = tuple(
    f"""
delete from {table} e where e.at < $1 and not exists (
    select from submissions s where s.source = e.source and s.id = e.id)
"""  # noqa: S608
    for table in ("evidence_kept", "evidence_default")
)


@immutable
class Dropped:
    """Which days were dropped, with the evidence of how many submissions, and of how many others it was kept.

    ``postponed``: days that another transaction uses. A submission that was sent on two days counts for each.
    """

    days: int = 0
    submissions: int = 0
    kept: int = 0
    postponed: int = 0


async def due(connection: asyncpg.Connection, before: datetime) -> int:
    """Count the submissions whose evidence would be removed. ``before`` begins a day."""
    return int(await connection.fetchval(_DUE, before, timeout=DAY_SECONDS))


async def drop_days(connection: asyncpg.Connection, before: datetime) -> Dropped:
    """Drop the days before the one that ``before`` begins, each in a transaction of its own.

    Days that are not over by the server's clock are none of them, however far ahead the caller's clock is.
    """
    now: datetime = await connection.fetchval("select clock_timestamp()")
    waiting = [day for day in await days(connection) if bounds(day)[1] <= min(before, now)]
    dropped = submissions = kept = gone = 0
    for day in waiting:
        try:
            removed, still_needed = await _drop(connection, day, before)
        except asyncpg.UndefinedTableError:  # a worker and a person's command may prune at the same time
            gone += 1
            continue
        except asyncpg.LockNotAvailableError:
            log.info("the evidence of %s is not dropped now: another transaction uses it", day)
            break  # the others would keep workers waiting for the same transaction
        dropped, submissions, kept = dropped + 1, submissions + removed, kept + still_needed
    return Dropped(dropped, submissions, kept, len(waiting) - dropped - gone)


async def _drop(connection: asyncpg.Connection, day: date, before: datetime) -> tuple[int, int]:
    """Drop one day; return the evidence of how many submissions went, and of how many was kept."""
    async with dropping(connection, day):
        row = await connection.fetchrow(_KEEP, before, *bounds(day), timeout=DAY_SECONDS)
        assert row is not None  # noqa: S101 - a select without a from
    return row["total"] - row["kept"], row["kept"]


async def remove_rows(connection: asyncpg.Connection, before: datetime, batch: int) -> int:
    """Remove what lies in no day's partition, batch by batch; return of how many submissions."""
    removed = 0
    for oldest in _OLDEST:
        while found := await _remove(connection, oldest, before, batch):
            removed += len(found)
    behind = ("", "")
    while found := await _remove(connection, _KEPT, before, batch, *behind):
        removed, behind = removed + len(found), found[-1]
    for statement in _FORGOTTEN:
        await connection.execute(statement, before)
    return removed


async def _remove(
    connection: asyncpg.Connection, which: str, before: datetime, batch: int, *behind: str
) -> Sequence[tuple[str, str]]:
    async with connection.transaction():
        rows = await connection.fetch(which, before, batch, *behind)
        keys = list(dict.fromkeys((row["source"], row["id"]) for row in rows))
        for statement in (*FORGET, _DROP_OLD_COLUMNS, _NOTE) if keys else ():
            await connection.execute(statement, *transposed(keys))
    return keys
