"""Replays and discards, step by step: what is ordered is durable before anything is published."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.audit_log import record
from worker.admin.queries import DEAD_LETTER_FILTER, dead_letter_filter
from worker.admin.views import Candidate, DeadLetterFilter
from worker.journal.claims import LetterState
from worker.journal.encoding import event_of
from worker.journal.sealed_values import opened_letter, vault_of
from worker.pipeline.ports import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.pipeline.ports import Event

# Any fixed number: one replay runs at a time, or two would publish the same batch.
_REPLAYING = 0x48455241_4C45

# In the order in which the submissions first came: one that died again keeps its place before what came later.
_ORDER = """
order by coalesce(s.record_topic, d.origin_topic), coalesce(s.record_partition, d.origin_partition),
         coalesce(s.record_offset, d.origin_offset), d.origin_offset, d.id
"""
_CANDIDATES = (
    """
select d.id, d.reason, d.state, d.replay_count, d.system, d.operation, d.signer, d.source, d.submission_id,
       d.origin_topic, d.created_at, s.state as submission, s.in_doubt, s.dead_letter_id as current_dead_letter_id,
       exists (
           select from submissions later
           where later.identity = s.identity and later.system = s.system and later.operation = s.operation
             and (later.source, later.id) <> (s.source, s.id)
             and later.attempts > 0
             and (later.received_at, later.record_partition, later.record_offset)
                 > (s.received_at, s.record_partition, s.record_offset)
       ) as overtaken
from dead_letters d
left join submissions s on s.source = d.source and s.id = d.submission_id
"""
    + DEAD_LETTER_FILTER
    + _ORDER
)

_ORDER_REPLAY = """
update dead_letters set state = 'replaying', replay_count = replay_count + 1
where id = any($1::text[]) and state = 'open'
returning id
"""

_RECORDS = """
select d.id, d.replay_count, d.origin_topic, d.origin_partition,
       d.event_topic, d.event_key, d.event_headers, d.event_value
from unnest($1::text[]) with ordinality as t (id, n)
join dead_letters d using (id)
order by t.n
"""

_FROM_TO = "update dead_letters set state = $3 where id = any($1::text[]) and state = $2 returning id"


@immutable
class Ordered:
    """A dead letter whose replay is ordered: what is to be published, where to, and as which replay of it."""

    id: str
    count: int
    topic: str
    partition: int
    event: Event = field(repr=False)


async def lock(connection: asyncpg.Connection) -> bool:
    """Make this connection the one that replays, until it ends; False where another one is."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", _REPLAYING))


async def candidates(connection: asyncpg.Connection, wanted: DeadLetterFilter) -> list[Candidate]:
    """Return the dead letters that fit, in the order in which they are to be replayed."""
    rows = await connection.fetch(_CANDIDATES, *dead_letter_filter(wanted, vault_of(connection)))
    return [
        Candidate(
            **{
                **row,
                "state": LetterState(row["state"]),
                "submission": State(row["submission"]) if row["submission"] else None,
            }
        )
        for row in rows
    ]


async def unfinished(connection: asyncpg.Connection) -> list[str]:
    """Return the dead letters whose replay was ordered and is not known to be published, in order."""
    wanted = DeadLetterFilter(state=LetterState.REPLAYING)
    return [one.id for one in await candidates(connection, wanted)]


async def order(
    connection: asyncpg.Connection, ids: Sequence[str], *, who: str, reason: str | None
) -> list[str]:
    """Order the replay of those that are still open, and return them in the order given."""
    async with connection.transaction():
        rows = await connection.fetch(_ORDER_REPLAY, list(ids))
        return await _recorded(connection, ids, rows, who=who, act="replay", reason=reason)


async def ordered(connection: asyncpg.Connection, ids: Sequence[str]) -> list[Ordered]:
    """Return what is to be published for these, in the order given."""
    rows = await connection.fetch(_RECORDS, list(ids))
    return [
        Ordered(
            id=row["id"],
            count=row["replay_count"],
            topic=row["origin_topic"],
            partition=row["origin_partition"],
            event=opened_letter(
                vault_of(connection),
                row["id"],
                event_of(row["event_topic"], row["event_key"], row["event_headers"], row["event_value"]),
            ),
        )
        for row in rows
    ]


async def published(connection: asyncpg.Connection, ids: Sequence[str]) -> None:
    """Note that Kafka acknowledged these replays."""
    await connection.fetch(_FROM_TO, list(ids), LetterState.REPLAYING, LetterState.REPLAYED)


async def refused(connection: asyncpg.Connection, ids: Sequence[str], *, who: str, reason: str) -> None:
    """Take back the order for records that Kafka refused."""
    async with connection.transaction():
        rows = await connection.fetch(_FROM_TO, list(ids), LetterState.REPLAYING, LetterState.OPEN)
        await _recorded(connection, ids, rows, who=who, act="replay-refused", reason=reason)


async def discard(connection: asyncpg.Connection, ids: Sequence[str], *, who: str, reason: str) -> list[str]:
    """Discard those that are still open, and return them."""
    async with connection.transaction():
        rows = await connection.fetch(_FROM_TO, list(ids), LetterState.OPEN, LetterState.DISCARDED)
        return await _recorded(connection, ids, rows, who=who, act="discard", reason=reason)


async def _recorded(
    connection: asyncpg.Connection,
    ids: Sequence[str],
    rows: Sequence[asyncpg.Record],
    *,
    who: str,
    act: str,
    reason: str | None,
) -> list[str]:
    changed = {row["id"] for row in rows}
    done = [one for one in ids if one in changed]
    await record(connection, done, who=who, act=act, reason=reason)
    return done
