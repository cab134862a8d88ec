"""Retention: bytes go, identity and outcome stay for ever. In batches, beside running workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from herald.contracts.summaries import summary
from herald.worker.journal.columns import event_headers_json, event_of, transposed

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

BATCH = 500
"""Submissions in one transaction: a worker waits for one at most."""

# What a person may still have to decide keeps everything, however old.
_OVER = """
from submissions s left join dead_letters d on d.id = s.dead_letter_id
where s.finished_at < $1 and s.answered and (d.state is null or d.state not in ('open', 'replaying'))
"""
_LETTERS_OVER = """
from dead_letters d
where d.created_at < $1 and d.state not in ('open', 'replaying') and d.removed_at is null
"""
_WITH_EVIDENCE = _OVER + "and s.evidence_removed_at is null\n"
_WITH_REPLY = _OVER + "and not s.summarized\n"
_SOME = "order by s.finished_at limit $2 for update of s skip locked"

_DROP_EVIDENCE = """
update attempts a
set request = null, answer = null, request_headers = null, answer_headers = null, url = split_part(url, '?', 1)
from unnest($1::text[], $2::text[]) as t (source, id)
where a.source = t.source and a.id = t.id
"""
_NOTE_EVIDENCE = """
update submissions s set evidence_removed_at = clock_timestamp()
from unnest($1::text[], $2::text[]) as t (source, id)
where s.source = t.source and s.id = t.id
"""
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


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much went, or would go: submissions with their evidence, dead letters' values, whole replies."""

    evidence: int = 0
    dead_letters: int = 0
    replies: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            self.evidence + other.evidence,
            self.dead_letters + other.dead_letters,
            self.replies + other.replies,
        )


async def due(connection: asyncpg.Connection, evidence: datetime, replies: datetime) -> Pruned:
    """Count what ended before these times and has its bytes still."""
    count = "select count(*) "
    return Pruned(
        await connection.fetchval(count + _WITH_EVIDENCE, evidence),
        await connection.fetchval(count + _LETTERS_OVER, evidence),
        await connection.fetchval(count + _WITH_REPLY, replies),
    )


async def prune(connection: asyncpg.Connection, evidence: datetime, replies: datetime) -> Pruned:
    """Remove everything that is due, batch by batch."""
    total = Pruned()
    while (batch := await prune_some(connection, evidence, replies)) != Pruned():
        total += batch
    return total


async def prune_some(connection: asyncpg.Connection, evidence: datetime, replies: datetime) -> Pruned:
    """Remove one batch, in one transaction; all zero where nothing is left to be removed."""
    async with connection.transaction():
        return Pruned(
            await _drop_evidence(connection, evidence),
            len(await connection.fetch(_DROP_LETTERS, evidence, BATCH)),
            await _summarize(connection, replies),
        )


async def _drop_evidence(connection: asyncpg.Connection, before: datetime) -> int:
    rows = await connection.fetch("select s.source, s.id " + _WITH_EVIDENCE + _SOME, before, BATCH)
    if rows:
        keys = transposed([(row["source"], row["id"]) for row in rows])
        await connection.execute(_DROP_EVIDENCE, *keys)
        await connection.execute(_NOTE_EVIDENCE, *keys)
    return len(rows)


async def _summarize(connection: asyncpg.Connection, before: datetime) -> int:
    columns = "select s.source, s.id, s.reply_topic, s.reply_key, s.reply_headers, s.reply_value "
    rows = await connection.fetch(columns + _WITH_REPLY + _SOME, before, BATCH)
    if rows:
        await connection.execute(_SUMMARIZE, *transposed([_summary(row) for row in rows]))
    return len(rows)


def _summary(row: asyncpg.Record) -> tuple[object, ...]:
    reply = event_of(row["reply_topic"], row["reply_key"], row["reply_headers"], row["reply_value"])
    headers, value = summary(reply.headers, reply.value)
    return row["source"], row["id"], event_headers_json(headers), value
