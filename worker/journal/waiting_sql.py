"""Submissions whose answer comes later, as set-based statements: first the guarded step, then what belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.encoding import storable, storable_or_none, transposed
from worker.journal.progress_sql import keep_answers, keep_attempts
from worker.journal.sealed_values import vault_of
from worker.journal.waiting_values import ready_bytes
from worker.pipeline.ports import (
    Fenced,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import asyncpg

    from worker.journal.commands import Result
    from worker.journal.held_command import Held, Key
    from worker.journal.waiting_commands import (
        Acknowledge,
        FindWaiting,
        GivesBack,
        Hasten,
        Postpone,
        SendAsk,
        Wait,
        Waited,
    )
    from worker.pipeline.ports import Received

# As in `progress_sql`, a step accepts the row as the step itself leaves it. A claim that a step gives back can only be
# met with the same epoch where this very step gave it back: every later claim raises the epoch.

_WAIT = """
update submissions s
set state = 'waiting', in_doubt = t.in_doubt, next_attempt = null, owner = null
from unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[]) with ordinality as t (source, id, epoch, in_doubt, n)
where s.source = t.source and s.id = t.id and s.epoch = t.epoch
  and ((s.owner = $1 and s.state in ('claimed', 'sending')) or (s.owner is null and s.state = 'waiting'))
returning t.n
"""
_KEEP = """
insert into waiting (
    source, id, system, operation, revision, call, reference, ready_digest, due, taken_at, give_up_at,
    record_topic, record_partition, record_offset, record_timestamp, record_topic_id,
    record_key, record_headers, record_value)
select t.source, t.id, t.system, t.operation, s.revision, t.call, t.reference, t.ready_digest,
       c.now + make_interval(secs => t.delay), c.now, c.now + make_interval(secs => t.give_up_after),
       t.topic, t.partition, t.record_offset, t.record_timestamp, t.topic_id, t.key, t.headers, t.value
from (select clock_timestamp() as now) c,
     unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[], $8::float8[],
            $9::float8[], $10::text[], $11::integer[], $12::bigint[], $13::bigint[], $14::text[], $15::bytea[],
            $16::bytea[], $17::bytea[])
     as t (source, id, system, operation, call, reference, ready_digest, delay, give_up_after, topic, partition,
           record_offset, record_timestamp, topic_id, key, headers, value)
     join submissions s using (source, id)
on conflict (source, id) do nothing
"""
_SINCE = """
select w.source, w.id, w.revision, w.reference, w.taken_at, w.give_up_at
from unnest($1::text[], $2::text[]) as t (source, id) join waiting w using (source, id)
"""

# The state stays: a crash while it is asked for leaves nothing in doubt. What is acknowledged has its end already, and
# its reply says how many attempts led there.
_ASKING = """
update submissions s
set attempts = case when s.state = 'waiting' then greatest(s.attempts, t.number) else s.attempts end,
    last_attempt = case when s.state = 'waiting' then t.at else s.last_attempt end
from unnest($2::text[], $3::text[], $4::bigint[], $5::integer[], $6::timestamptz[])
     with ordinality as t (source, id, epoch, number, at, n)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and exists (select from waiting w where w.source = s.source and w.id = s.id)
  and exists (select from workers w where w.owner = $1 and w.lease_until > clock_timestamp())
returning t.n
"""

# Given back: only an owner of a later epoch may keep it from being written once more.
_GIVE_BACK = """
update submissions s set owner = null
from unnest($2::text[], $3::text[], $4::bigint[]) with ordinality as t (source, id, epoch, n)
where s.source = t.source and s.id = t.id and s.epoch = t.epoch and (s.owner = $1 or s.owner is null)
returning t.n
"""
_POSTPONE = """
update waiting w
set due = case when w.hastened then clock_timestamp() else clock_timestamp() + make_interval(secs => t.delay) end,
    asks = w.asks + t.asked, call = coalesce(t.call, w.call),
    ready_digest = case when t.call is null then w.ready_digest else t.ready_digest end
from unnest($1::text[], $2::text[], $3::float8[], $4::integer[], $5::bytea[], $6::bytea[])
     as t (source, id, delay, asked, call, ready_digest)
where w.source = t.source and w.id = t.id
"""
_HOLDS = """
select t.n from unnest($2::text[], $3::text[], $4::bigint[]) with ordinality as t (source, id, epoch, n)
join submissions s using (source, id)
where s.epoch = t.epoch and s.owner = $1
for no key update of s
"""
_ACKNOWLEDGE = """
update waiting w
set phase = 'acknowledge', asks = 0, due = clock_timestamp(), hastened = false,
    give_up_at = clock_timestamp() + make_interval(secs => t.give_up_after)
from unnest($1::text[], $2::text[], $3::float8[]) as t (source, id, give_up_after)
where w.source = t.source and w.id = t.id and w.phase = 'ask'
"""
_FORGET = """
delete from waiting w using unnest($1::text[], $2::text[]) as t (source, id)
where w.source = t.source and w.id = t.id
"""
FORGET_WAITING = _FORGET
"""Of submissions that are sent once more: what was known of their earlier revision is of no use. Sources and ids."""

_FIND = """
select w.source, w.id
from unnest($1::text[], $2::text[]) as t (source, id) join waiting w using (source, id)
join submissions s using (source, id)
where not s.answered
"""
_HASTEN = """
update waiting w set due = least(w.due, clock_timestamp()), hastened = true
where w.system = $1 and w.phase = 'ask' and w.ready_digest = any($2::bytea[])
returning 1
"""


async def wait_all(connection: asyncpg.Connection, me: str, steps: Sequence[Wait]) -> list[Result]:
    """Let submissions wait, and keep the ends of their attempts."""
    rows = [(*_ticket(step), step.in_doubt) for step in steps]
    done = _ordinals(await connection.fetch(_WAIT, me, *transposed(rows)))
    begun = [step for n, step in enumerate(steps) if n in done]
    found: dict[Key, Waiting] = {}
    if begun:
        await connection.execute(_KEEP, *transposed([_row(step) for step in begun]))
        await keep_answers(connection, [(step.key, step.received) for step in begun if step.received])
        since = await connection.fetch(_SINCE, *transposed([step.key for step in begun]))
        found = {(row["source"], row["id"]): waiting_of(row) for row in since}
    return [found.get(step.key, Fenced()) if n in done else Fenced() for n, step in enumerate(steps)]


async def ask_all(connection: asyncpg.Connection, me: str, steps: Sequence[SendAsk]) -> list[Result]:
    """Keep messages that ask or acknowledge. A ticket counts only while its owner's lease runs."""
    rows = [(*_ticket(step), step.sending.number, step.sending.at) for step in steps]
    done = _ordinals(await connection.fetch(_ASKING, me, *transposed(rows)))
    await keep_attempts(connection, [(step.key, step.sending) for n, step in enumerate(steps) if n in done])
    return _results(done, steps)


async def postpone_all(connection: asyncpg.Connection, me: str, steps: Sequence[Postpone]) -> list[Result]:
    """Note the next times."""
    done = await _given_back(connection, me, steps)
    left = [step for n, step in enumerate(steps) if n in done]
    if left:
        rows = [
            (*step.key, step.put_off.delay, int(step.put_off.asked), *(step.call or (None, None)))
            for step in left
        ]
        await connection.execute(_POSTPONE, *transposed(rows))
    return _results(done, steps)


async def acknowledge_all(
    connection: asyncpg.Connection, me: str, steps: Sequence[Acknowledge]
) -> list[Result]:
    """Turn to the acknowledgement; the claims stay."""
    done = _ordinals(await connection.fetch(_HOLDS, me, *transposed([_ticket(step) for step in steps])))
    rows = [(*step.key, step.give_up_after) for n, step in enumerate(steps) if n in done]
    if rows:
        await connection.execute(_ACKNOWLEDGE, *transposed(rows))
    return _results(done, steps)


async def end_all(connection: asyncpg.Connection, me: str, steps: Sequence[Waited]) -> list[Result]:
    """Forget what asking needed."""
    done = await _given_back(connection, me, steps)
    keys = [step.key for n, step in enumerate(steps) if n in done]
    if keys:
        await connection.execute(_FORGET, *transposed(keys))
    return _results(done, steps)


async def find_waiting(connection: asyncpg.Connection, asked: Sequence[FindWaiting]) -> list[Result]:
    """Tell of each whether it waits, or its reply does."""
    rows = await connection.fetch(_FIND, *transposed([one.key for one in asked]))
    there = {(row["source"], row["id"]) for row in rows}
    return [one.key in there for one in asked]


async def hasten_all(connection: asyncpg.Connection, calls: Sequence[Hasten]) -> list[Result]:
    """Make due what calls of the systems say is ready."""
    return [await hasten(connection, one.system, one.ready) for one in calls]


async def hasten(connection: asyncpg.Connection, system: str, ready: str) -> bool:
    """Make due now what waits for this; whether anything does. Every worker sees it at its next pass."""
    digests = vault_of(connection).digests(ready_bytes(ready))
    return bool(await connection.fetch(_HASTEN, system, digests))


def waiting_of(row: asyncpg.Record) -> Waiting:
    """Return since when a submission waits, and until when."""
    return Waiting(row["revision"], row["reference"], row["taken_at"], row["give_up_at"])


async def _given_back(connection: asyncpg.Connection, me: str, steps: Sequence[GivesBack]) -> set[int]:
    done = _ordinals(await connection.fetch(_GIVE_BACK, me, *transposed([_ticket(step) for step in steps])))
    answers: list[tuple[Key, Received]] = [
        (step.key, step.received) for n, step in enumerate(steps) if n in done and step.received
    ]
    await keep_answers(connection, answers)
    return done


def _row(step: Wait) -> tuple[object, ...]:
    begin, place = step.begin, step.begin.record.place
    return (
        *step.key,
        storable(begin.system),
        storable(begin.operation),
        step.call.call,
        storable_or_none(begin.taken.reference),
        step.call.ready_digest,
        begin.delay,
        begin.give_up_after,
        place.topic,
        place.partition,
        place.offset,
        place.timestamp_ms,
        place.topic_id,
        step.record.key,
        step.record.headers,
        step.record.value,
    )


def _ticket(step: Held) -> tuple[str, str, int]:
    return (*step.key, step.ticket.epoch)


def _ordinals(rows: Iterable[asyncpg.Record]) -> set[int]:
    return {row["n"] - 1 for row in rows}


def _results(done: set[int], steps: Sequence[object]) -> list[Result]:
    return [None if n in done else Fenced() for n in range(len(steps))]
