"""The statements of retention, in batches and by the day, so that workers may run meanwhile."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from contracts.immutable import immutable
from contracts.summaries import summary
from worker.admin import evidence_retention, file_sql, identity_sql, notification_sql
from worker.admin.over_sql import OVER
from worker.journal.encoding import event_headers_json, event_of, transposed
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_values import opened_reply, sealed_reply, vault_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from worker.admin.identity_sql import Forgetting
    from worker.journal.vault import Vault

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

BATCH = 500
"""Submissions in one transaction: a worker waits for one at most."""

# Until Kafka has acknowledged the reply, its dead letter may have to be published again, complete.
_LETTERS_OVER = """
from dead_letters d
where d.created_at < $1 and d.state not in ('open', 'replaying') and d.removed_at is null
  and not exists (select from submissions s where s.dead_letter_id = d.id and (not s.answered or s.state = 'held'))
"""
# Nothing ended before it came. By then the index of whole replies is read, the oldest first.
_WITH_REPLY = OVER + "and not s.summarized and s.received_at < $1\n"
# A reply that cannot be summarized stays as it is. The next batch begins after the last row of this one, so that such
# a reply is not read again.
_BEHIND = """and s.received_at >= $3 and (s.received_at, s.source, s.id) > ($3, $4, $5)
order by s.received_at, s.source, s.id limit $2 for update of s skip locked
"""
BEGINNING = datetime.min.replace(tzinfo=UTC), "", ""
"""Before all submissions, by time, source and id."""

_SUMMARIZE = """
update submissions s set reply_headers = t.headers::json, reply_value = t.value, summarized = true
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as t (source, id, headers, value)
where s.source = t.source and s.id = t.id
"""
_DROP_LETTERS = f"""
update dead_letters set event_value = null, removed_at = clock_timestamp()
where id in (select d.id {_LETTERS_OVER} order by d.created_at limit $2 for update skip locked)
returning id
"""  # noqa: S608 - put together from the constants above


# Entries of records that are no longer read: a topic keeps its records for days.
_FORGET_RECORDS = """
delete from answered_records where ctid in (select ctid from answered_records where answered_at < $1 limit $2)
returning 1
"""


@immutable
class Pruned:
    """How much was removed, or would be: evidence of submissions, values of dead letters, replies summarized.

    A submission that was sent on two days counts for each in what was removed.
    """

    evidence: int = 0
    dead_letters: int = 0
    replies: int = 0
    unreadable: int = 0
    """Replies that could not be summarized and stay complete."""
    identities: int = 0
    """Submissions that the journal no longer knows."""
    days: int = 0
    """Days of evidence that were dropped as a whole."""
    kept: int = 0
    """Submissions of these days whose evidence is still needed."""
    postponed: int = 0
    """Days that could not be dropped now, because another transaction uses them."""
    notifications: int = 0
    """Notifications whose value went."""
    files: int = 0
    """Files of submissions whose evidence went."""


async def due(
    connection: asyncpg.Connection,
    evidence: datetime,
    replies: datetime,
    identities: Forgetting | None = None,
) -> Pruned:
    """Count what ended before these times and still has its bytes, or is still known."""
    count = "select count(*) "
    return Pruned(
        await evidence_retention.due(connection, evidence),
        await connection.fetchval(count + _LETTERS_OVER, evidence),
        await connection.fetchval(count + _WITH_REPLY, replies),
        identities=0 if identities is None else await identity_sql.due(connection, identities),
        notifications=await notification_sql.due(connection, evidence),
        files=await file_sql.due(connection, evidence),
    )


async def prune(
    connection: asyncpg.Connection,
    evidence: datetime,
    replies: datetime,
    identities: Forgetting | None = None,
) -> Pruned:
    """Remove everything that is due, batch by batch, each in a transaction of its own. ``evidence`` begins a day."""
    forgotten = letters = 0
    if identities is not None:
        forgotten = await _forget(connection, identities)
    dropped = await evidence_retention.drop_days(connection, evidence)
    removed = dropped.submissions + await evidence_retention.remove_rows(connection, evidence, BATCH)
    while batch := await in_one(connection, _drop_letters, evidence):
        letters += batch
    notifications = 0
    while batch := await in_one(connection, notification_sql.prune, evidence, BATCH):
        notifications += batch
    files = 0
    while batch := await in_one(connection, file_sql.prune, evidence, BATCH):
        files += batch
    while await connection.fetch(_FORGET_RECORDS, evidence, BATCH):
        pass
    summarized, unreadable = await _summarize_all(connection, replies)
    parts = dropped.days, dropped.kept, dropped.postponed
    counts = {"notifications": notifications, "files": files}
    return Pruned(removed, letters, summarized, unreadable, forgotten, *parts, **counts)


async def _forget(connection: asyncpg.Connection, forgetting: Forgetting) -> int:
    forgotten = 0
    while batch := await in_one(connection, identity_sql.forget, forgetting, BATCH):
        forgotten += batch
    while await in_one(connection, identity_sql.forget_letters, forgetting, BATCH):
        pass
    while await in_one(connection, notification_sql.forget, forgetting, BATCH):
        pass
    return forgotten


async def in_one(
    connection: asyncpg.Connection,
    work: Callable[Concatenate[asyncpg.Connection, P], Awaitable[T]],
    *arguments: P.args,
    **named: P.kwargs,
) -> T:
    """Do the work in a transaction of its own."""
    async with connection.transaction():
        return await work(connection, *arguments, **named)


async def _drop_letters(connection: asyncpg.Connection, before: datetime) -> int:
    return len(await connection.fetch(_DROP_LETTERS, before, BATCH))


async def _summarize_all(connection: asyncpg.Connection, before: datetime) -> tuple[int, int]:
    """Return how many replies were summarized, and how many could not be."""
    behind, summarized, unreadable = BEGINNING, 0, 0
    while rows := await in_one(connection, summarize, before, behind):
        behind = rows[-1][:3]
        done = sum(row[3] for row in rows)
        summarized, unreadable = summarized + done, unreadable + len(rows) - done
    return summarized, unreadable


async def summarize(
    connection: asyncpg.Connection, before: datetime, behind: tuple[datetime, str, str]
) -> list[tuple[datetime, str, str, bool]]:
    """Summarize a batch of replies; return each one's time, source and id, and whether it could be read."""
    columns = (
        "select s.received_at, s.source, s.id, s.reply_topic, s.reply_key, s.reply_headers, s.reply_value "
    )
    rows = await connection.fetch(columns + _WITH_REPLY + _BEHIND, before, BATCH, *behind)
    vault = vault_of(connection)
    made = [(row["received_at"], row["source"], row["id"], _summary(vault, row)) for row in rows]
    if readable := [(source, name, *made_of) for _, source, name, made_of in made if made_of]:
        await connection.execute(_SUMMARIZE, *transposed(readable))
    return [(at, source, name, made_of is not None) for at, source, name, made_of in made]


def _summary(vault: Vault, row: asyncpg.Record) -> tuple[str, bytes] | None:
    stored = event_of(row["reply_topic"], row["reply_key"], row["reply_headers"], row["reply_value"])
    name = row["source"], row["id"]
    try:
        reply = opened_reply(vault, *name, stored)
        headers, value = summary(reply.headers, reply.value)
        value = sealed_reply(vault, *name, replace(reply, value=value)).value or b""
    except (ValueError, CannotDecrypt):  # one reply, whatever is wrong with it, must not keep the others
        log.warning("a reply cannot be summarized, and stays complete", extra={"submission_id": row["id"]})
        return None
    return event_headers_json(headers), value
