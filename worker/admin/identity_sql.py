"""Forgetting submissions: after this, the journal no longer recognizes a duplicate of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.evidence_retention import FORGET
from worker.journal.encoding import transposed

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

# What retention keeps of evidence, it keeps here too: held, unanswered, and what a person still has to decide about.
# A conflict is a dead letter of the same submission, but not the one that it ended with.
_FORGOTTEN = """
from submissions s
where s.received_at < $1 and s.finished_at < $1 and s.answered and s.state <> 'held' and s.system = any($2::text[])
  and not exists (
      select from dead_letters d
      where ((d.source = s.source and d.submission_id = s.id) or d.id = s.dead_letter_id)
        and d.state in ('open', 'replaying'))
"""
_SOME = f"select s.source, s.id {_FORGOTTEN} order by s.received_at limit $3 for update of s skip locked"
_COUNT = f"select count(*) {_FORGOTTEN}"

# The day of an attempt was dropped before, or will be: it goes with all that is in it.
_BELONGING = (
    *FORGET,
    """
delete from attempts a using unnest($1::text[], $2::text[]) as t (source, id)
where a.source = t.source and a.id = t.id
""",
    """
delete from dead_letters d using unnest($1::text[], $2::text[]) as t (source, id)
where d.source = t.source and d.submission_id = t.id
""",
    """
delete from submissions s using unnest($1::text[], $2::text[]) as t (source, id)
where s.source = t.source and s.id = t.id
""",
)
# Dead letters that no submission has: of records that could not be read.
_LETTERS = """
delete from dead_letters where id in (
    select d.id from dead_letters d
    where d.created_at < $1 and d.state not in ('open', 'replaying') and d.submission_id is null
      and d.system = any($2::text[])
    limit $3 for update skip locked)
returning id
"""


@immutable
class Forgetting:
    """What may be forgotten: what ended before a time, of these systems.

    A journal may have submissions of further systems, which another configuration names, or an earlier one named. How
    long their topics keep records was not asked, so they stay.
    """

    before: datetime
    systems: tuple[str, ...]


async def due(connection: asyncpg.Connection, forgetting: Forgetting) -> int:
    """Count the submissions that would be forgotten."""
    return int(await connection.fetchval(_COUNT, forgetting.before, forgetting.systems))


async def forget(connection: asyncpg.Connection, forgetting: Forgetting, batch: int) -> int:
    """Forget at most ``batch`` submissions; return how many. In a transaction."""
    rows = await connection.fetch(_SOME, forgetting.before, forgetting.systems, batch)
    keys = transposed([(row["source"], row["id"]) for row in rows])
    for statement in _BELONGING if rows else ():
        await connection.execute(statement, *keys)
    return len(rows)


async def forget_letters(connection: asyncpg.Connection, forgetting: Forgetting, batch: int) -> int:
    """Do the same for dead letters of records that could not be read."""
    return len(await connection.fetch(_LETTERS, forgetting.before, forgetting.systems, batch))
