"""What operators do to notifications: show, prune, erase and forget them. Unpublished ones are never removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin.views import NotificationRow
from worker.journal.encoding import event_of
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_notifications import opened_event
from worker.journal.sealed_values import vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import asyncpg

    from worker.admin.identity_sql import Forgetting

_OF_SUBMISSION = """
select system, id, type, received_at, published_at, removed_at, event_topic, event_key, event_headers, event_value
from notifications where source = $1 and submission_id = $2 order by received_at, id
"""
# As the evidence of a submission: kept until it has ended, and while a person has to decide about it.
_NEEDED = """
exists (
    select from submissions s
    where s.source = n.source and s.id = n.submission_id
      and (s.finished_at is null or not s.answered or s.state = 'held'))
"""
_OVER = f"from notifications n where n.published_at < $1 and n.removed_at is null and not {_NEEDED}"
_DUE = f"select count(*) {_OVER}"
_PRUNE = f"""
update notifications set event_value = null, removed_at = clock_timestamp()
where (system, id) in (select n.system, n.id {_OVER} order by n.published_at limit $2 for update skip locked)
returning id
"""  # noqa: S608 - put together from constants
_FORGET = f"""
delete from notifications where (system, id) in (
    select n.system, n.id from notifications n
    where n.received_at < $1 and n.published_at < $1 and n.system = any($2::text[]) and not {_NEEDED}
    limit $3 for update skip locked)
returning id
"""  # noqa: S608 - as above
# By the key, and by the submission: of one that was in progress when the call came, the key was not known.
_OF_KEY = """
select n.system, n.id, n.published_at is not null as published from notifications n
where n.key_digest = any($1::bytea[])
   or exists (select from unnest($2::text[], $3::text[]) as t (source, id)
              where n.source = t.source and n.submission_id = t.id)
order by n.system, n.id for update
"""
_ERASE = """
update notifications n
set event_key = null, event_value = null, key_digest = '', content_hash = '',
    removed_at = coalesce(n.removed_at, clock_timestamp())
from unnest($1::text[], $2::text[]) as t (system, id)
where n.system = t.system and n.id = t.id
"""


async def of_submission(
    connection: asyncpg.Connection, source: str, name: str
) -> tuple[NotificationRow, ...]:
    """Return what the system stated about a submission in calls of its own, the earliest first."""
    rows = await connection.fetch(_OF_SUBMISSION, source, name)
    return tuple(_row(connection, row) for row in rows)


async def due(connection: asyncpg.Connection, before: datetime) -> int:
    """Count the notifications whose value would be removed."""
    return int(await connection.fetchval(_DUE, before))


async def prune(connection: asyncpg.Connection, before: datetime, batch: int) -> int:
    """Remove the values of at most ``batch`` notifications that were published before; return of how many."""
    return len(await connection.fetch(_PRUNE, before, batch))


async def forget(connection: asyncpg.Connection, forgetting: Forgetting, batch: int) -> int:
    """Forget at most ``batch`` old notifications; return how many. A call that comes again is then a new one."""
    return len(await connection.fetch(_FORGET, forgetting.before, list(forgetting.systems), batch))


async def locked(
    connection: asyncpg.Connection, digests: Sequence[bytes], names: Sequence[tuple[str, str]]
) -> Sequence[asyncpg.Record]:
    """Return the notifications of a key, and those of these submissions. ``digests``: what may be stored of the key."""
    sources, ids = [source for source, _ in names], [name for _, name in names]
    return list(await connection.fetch(_OF_KEY, list(digests), sources, ids))


async def erase(connection: asyncpg.Connection, found: Sequence[asyncpg.Record]) -> None:
    """Erase what these state and whose they are. That they came stays known, so that none is published twice."""
    await connection.execute(_ERASE, [row["system"] for row in found], [row["id"] for row in found])


def _row(connection: asyncpg.Connection, row: asyncpg.Record) -> NotificationRow:
    stored = event_of(row["event_topic"], None, row["event_headers"], row["event_value"])
    try:
        value = opened_event(vault_of(connection), row["system"], row["id"], stored).value
    except CannotDecrypt:
        value = None
    facts = {name: row[name] for name in ("id", "type", "received_at", "published_at", "removed_at")}
    return NotificationRow(**facts, topic=stored.topic, value=value)
