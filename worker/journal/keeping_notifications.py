"""Keeping several notifications within a transaction of the caller's: of one name the first stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.inbound.ports import Kept
from worker.journal.encoding import event_columns, storable, transposed
from worker.journal.referred_files import note_referred
from worker.journal.sealed_notifications import digest_of, sealed_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.journal.vault import Vault
    from worker.pipeline.ports import Notification

# They lie in the order of their names, so that two transactions never wait for each other in a circle; they are
# published in the order in which they were found.
_KEEP = """
insert into notifications (system, id, type, content_hash, source, submission_id,
                           event_topic, event_key, event_headers, event_value, key_digest, received_at)
select t.system, t.id, t.type, t.content_hash, t.source, t.submission_id, t.topic, t.key, t.headers::json, t.value,
       t.digest, statement_timestamp() + make_interval(secs => t.n * 0.000001)
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bytea[],
            $9::text[], $10::bytea[], $11::bytea[])
     with ordinality as t (system, id, type, content_hash, source, submission_id, topic, key, headers, value, digest, n)
order by t.system, t.id, t.n
on conflict (system, id) do nothing
returning system, id
"""
# An erasure leaves an empty hash: it contradicts nothing.
_KEPT = """
select t.n - 1 as n, k.content_hash in (t.content_hash, '') as same, k.published_at is not null as published
from unnest($1::text[], $2::text[], $3::bytea[]) with ordinality as t (system, id, content_hash, n)
     join notifications k using (system, id)
"""

Row = tuple[object, ...]


def row_of(vault: Vault, notification: Notification) -> Row:
    """Return a notification as its row: encrypted once, whatever is repeated."""
    owner = notification.owner
    event = sealed_event(vault, *notification.name, notification.event)
    return (
        *notification.name,
        notification.type,
        notification.content_hash,
        owner and storable(owner.source),
        owner and storable(owner.id),
        *event_columns(event),
        digest_of(vault, notification.event.key),
    )


async def keep_all(connection: asyncpg.Connection, rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Keep these; return the names of those that were not there before."""
    added = await connection.fetch(_KEEP, *transposed(rows)) if rows else ()
    return {(row["system"], row["id"]) for row in added}


async def keep_found(
    connection: asyncpg.Connection, vault: Vault, found: Sequence[Notification]
) -> list[Kept]:
    """Keep these; return of each what is kept now, in their order."""
    if not found:
        return []
    added = await keep_all(connection, [row_of(vault, one) for one in found])
    await note_referred(connection, [file_id for one in found if one.name in added for file_id in one.files])
    named = [(*one.name, one.content_hash) for one in found]
    rows = {row["n"]: row for row in await connection.fetch(_KEPT, *transposed(named))}
    if len(rows) < len(found):  # forgotten between the two statements, years after it came: it is as new
        return await keep_found(connection, vault, found)
    kept: list[Kept] = []
    for n, one in enumerate(found):
        same, published = rows[n]["same"], rows[n]["published"]
        kept.append(Kept(one.name in added, same, published))
        added.discard(one.name)
    return kept
