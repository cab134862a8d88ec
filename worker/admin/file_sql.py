"""What retention and an erasure do to files: they go with their submission, and their keys at once.

Their bytes follow, wherever they lie, by `worker.files.collecting`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.admin.over_sql import IS_OVER, ITS_LETTER
from worker.journal.encoding import event_of
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_notifications import opened_event
from worker.journal.sealed_values import vault_of
from worker.pipeline.left_out import referred_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import asyncpg

_OVER = f"""
from files f join submissions s on s.source = f.source and s.id = f.submission_id {ITS_LETTER}
where f.removed_at is null and {IS_OVER}
"""
_DUE = f"select count(*) {_OVER}"
_REMOVE = """
, gone as (
    update files f set removed_at = clock_timestamp(), content = null, name = null from over where f.id = over.id
)
update file_contents c set due_at = clock_timestamp(), data_key = null from over where c.id = over.content
returning c.id
"""
_PRUNE = f"with over as (select f.id, f.content {_OVER} limit $2 for update of f skip locked) {_REMOVE}"
_OF = """
select f.id from files f
where f.removed_at is null and (
    exists (select from unnest($1::text[], $2::text[]) as t (source, id)
            where f.source = t.source and f.submission_id = t.id)
    or f.id = any($3::uuid[]))
for update
"""
_THESE = "select f.id, f.content from files f where f.id = any($1::uuid[]) and f.removed_at is null"
_ERASE = f"with over as ({_THESE}) {_REMOVE}"
_NOTICES = """
select n.system, n.id, n.event_topic, n.event_key, n.event_headers, n.event_value
from notifications n join unnest($1::text[], $2::text[]) as t (system, id) using (system, id)
where n.event_value is not null
"""


async def due(connection: asyncpg.Connection, before: datetime) -> int:
    """Count the files of submissions that were over before then."""
    return int(await connection.fetchval(_DUE, before))


async def prune(connection: asyncpg.Connection, before: datetime, batch: int) -> int:
    """Remove at most ``batch`` files of submissions that were over before then; return how many."""
    return len(await connection.fetch(_PRUNE, before, batch))


async def locked(
    connection: asyncpg.Connection,
    names: Sequence[tuple[str, str]],
    notices: Sequence[asyncpg.Record],
) -> Sequence[str]:
    """Return the files of these submissions, and those that these notifications refer to."""
    columns = [row["system"] for row in notices], [row["id"] for row in notices]
    rows = await connection.fetch(_NOTICES, *columns)
    referred = [file_id for row in rows for file_id in _referred(connection, row)]
    sources, ids = [source for source, _ in names], [name for _, name in names]
    return [str(row["id"]) for row in await connection.fetch(_OF, sources, ids, referred)]


async def erase(connection: asyncpg.Connection, ids: Sequence[str]) -> None:
    """Erase the files: from now on nobody can read them."""
    await connection.execute(_ERASE, list(ids))


def _referred(connection: asyncpg.Connection, row: asyncpg.Record) -> Iterator[str]:
    """Yield the files that a notification refers to; none where it cannot be read."""
    stored = event_of(row["event_topic"], row["event_key"], row["event_headers"], row["event_value"])
    try:
        value = opened_event(vault_of(connection), row["system"], row["id"], stored).value
        yield from referred_ids(json.loads(value or b"null"))
    except (CannotDecrypt, ValueError):
        return
