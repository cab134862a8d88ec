"""What the holder of a ticket writes, as set-based statements: first the guarded step, then its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.dead_letter_sql import keep_dead_letters
from worker.journal.encoding import event_columns, object_json, storable, storable_or_none, transposed
from worker.journal.keeping_notifications import keep_all
from worker.journal.notification_sql import REFER
from worker.journal.referred_files import note_referred
from worker.journal.sealed_values import host_of
from worker.pipeline.ports import Fenced, Received

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import asyncpg

    from worker.journal.commands import FinishSubmission, Receive, Release, Result, Send
    from worker.journal.held_command import Key
    from worker.pipeline.ports import Sending

# Each guarded step returns the ordinals of the rows that it changed; a ticket whose ordinal is missing is fenced. A
# step accepts the row as the step itself leaves it, so a commit whose outcome is unknown is simply repeated.

_SENDING = """
update submissions s
set state = 'sending', in_doubt = t.in_doubt, attempts = greatest(s.attempts, t.number),
    first_attempt = coalesce(s.first_attempt, t.at), last_attempt = t.at, next_attempt = null
from unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::integer[], $7::timestamptz[])
     with ordinality as t (source, id, epoch, in_doubt, number, at, n)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and s.state in ('claimed', 'sending')
  and exists (select from workers w where w.owner = $1 and w.lease_until > clock_timestamp())
returning t.n
"""

_ATTEMPTS = """
with t as materialized (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::bytea[], $10::timestamptz[], $11::text[])
        as t (source, id, message_id, number, purpose, host, url, headers, request, at, step)
), facts as (
    insert into attempts (source, id, message_id, number, purpose, url, sent_at, step)
    select source, id, message_id, number, purpose, host, at, step from t
    on conflict (source, id, message_id) do nothing
)
insert into evidence (at, source, id, message_id, kind, url, headers, body)
select at, source, id, message_id, 'request', url, headers::json, request from t
on conflict do nothing
"""

_RECEIVED = """
update submissions s
set state = 'claimed', in_doubt = t.in_doubt, tries = t.tries, spent = t.spent, next_attempt = t.due,
    progress = coalesce(t.progress, s.progress)
from unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::integer[], $7::float8[], $8::timestamptz[],
            $9::bytea[])
     with ordinality as t (source, id, epoch, in_doubt, tries, spent, due, progress, n)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and s.state in ('claimed', 'sending')
returning t.n
"""

# An answer that is read once more (see `Stated`) is there already, as it came.
_ATTEMPT_ENDS = """
with ended as (
    update attempts a
    set received_at = t.at, outcome = t.outcome, reason = t.reason, detail = t.detail, status = t.status
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                $8::integer[], $9::text[], $10::bytea[])
         as t (source, id, message_id, at, outcome, reason, detail, status, headers, body)
    where a.source = t.source and a.id = t.id and a.message_id = t.message_id
    returning a.sent_at, a.source, a.id, a.message_id, t.headers, t.body
)
insert into evidence (at, source, id, message_id, kind, headers, body)
select sent_at, source, id, message_id, 'answer', headers::json, body from ended where body is not null
on conflict do nothing
"""

# Only held submissions stay in doubt: the system stated accepted and rejected, and a failed one was certainly not
# processed, whatever `sending` had to assume. A replay of one that is wrongly in doubt would be held for no reason. And
# only the replay of a held one goes on at its step.
_FINISH = """
with done as (
    update submissions s
    set state = t.state, in_doubt = s.in_doubt and t.state = 'held', next_attempt = null,
        progress = case when t.state = 'held' then s.progress end, forgotten = s.forgotten and t.state = 'held',
        reply_topic = t.topic, reply_key = t.key, reply_headers = t.headers::json, reply_value = t.value,
        dead_letter_id = t.dead_letter_id, answered = false, finished_at = t.at
    from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[],
                $9::bytea[], $10::text[], $11::timestamptz[])
         with ordinality as t (source, id, epoch, state, topic, key, headers, value, dead_letter_id, at, n)
    where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
      and (s.state in ('claimed', 'sending', 'waiting')
           or (s.state = t.state and s.reply_topic = t.topic and s.reply_value is not distinct from t.value))
    returning t.n, s.source, s.id, s.state
), accepted as (
    delete from unaccepted u using done where done.state = 'accepted' and u.source = done.source and u.id = done.id
)
select n from done
"""

_RELEASE = """
update submissions s
set owner = null
from unnest($2::text[], $3::text[], $4::bigint[]) as t (source, id, epoch)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and (s.state in ('claimed', 'sending') or not s.answered)
"""


async def send_all(connection: asyncpg.Connection, me: str, steps: Sequence[Send]) -> list[Result]:
    """Move to `sending` and keep the attempts. A ticket counts only while its owner's lease runs."""
    rows = [(*_ticket(s), s.in_doubt, s.sending.number, s.sending.at) for s in steps]
    done = _ordinals(await connection.fetch(_SENDING, me, *transposed(rows)))
    await keep_attempts(connection, [(step.key, step.sending) for n, step in enumerate(steps) if n in done])
    return _results(done, steps)


async def receive_all(connection: asyncpg.Connection, me: str, steps: Sequence[Receive]) -> list[Result]:
    """Move back to `claimed` and keep the answers."""
    rows = [
        (*_ticket(s), s.in_doubt, s.schedule.tries, s.schedule.spent, s.schedule.due, s.progress)
        for s in steps
    ]
    done = _ordinals(await connection.fetch(_RECEIVED, me, *transposed(rows)))
    answers = [(s.key, s.received) for n, s in enumerate(steps) if n in done and s.received]
    await keep_answers(connection, answers)
    return _results(done, steps)


async def finish_all(
    connection: asyncpg.Connection, me: str, steps: Sequence[FinishSubmission]
) -> list[Result]:
    """Keep the outcomes with their replies, dead letters, last answers and notifications."""
    done = _ordinals(await connection.fetch(_FINISH, me, *transposed([_final(s) for s in steps])))
    finished = [s for n, s in enumerate(steps) if n in done]
    await keep_answers(connection, [(s.key, s.received) for s in finished if s.received])
    if named := [(*s.key, storable(s.final.reference)) for s in finished if s.final.reference]:
        await connection.execute(REFER, *transposed(named))
    await note_referred(connection, [file_id for s in finished for file_id in s.final.files])
    dead = [(s.final.dead_letter, s.final.at) for s in finished if s.final.dead_letter]
    if dead:
        await keep_dead_letters(connection, dead)
    if notices := [row for s in finished for row in s.notices]:
        await keep_all(connection, notices)
    return _results(done, steps)


async def release_all(connection: asyncpg.Connection, me: str, steps: Sequence[Release]) -> list[Result]:
    """Release what this worker still owns. One in `sending` stays so: its next owner assumes that it was sent."""
    await connection.execute(_RELEASE, me, *transposed([_ticket(s) for s in steps]))
    return [None] * len(steps)


async def keep_attempts(connection: asyncpg.Connection, attempts: Iterable[tuple[Key, Sending]]) -> None:
    """Keep messages that are about to be sent."""
    if rows := [_attempt(key, sending) for key, sending in attempts]:
        await connection.execute(_ATTEMPTS, *transposed(rows))


async def keep_answers(connection: asyncpg.Connection, answers: Iterable[tuple[Key, Received]]) -> None:
    """Keep how messages were answered."""
    rows = [
        (
            *key,
            storable(one.message_id),
            one.at,
            storable(one.outcome),
            storable_or_none(one.reason),
            storable_or_none(one.detail),
            one.status,
            object_json(one.headers),
            one.body,
        )
        for key, one in answers
    ]
    if rows:
        await connection.execute(_ATTEMPT_ENDS, *transposed(rows))


def _ticket(step: Send | Receive | FinishSubmission | Release) -> tuple[str, str, int]:
    return (*step.key, step.ticket.epoch)


def _attempt(key: Key, one: Sending) -> tuple[object, ...]:
    headers = object_json(one.headers)
    return (
        *key,
        storable(one.message_id),
        one.number,
        one.purpose,
        host_of(storable(one.url)),
        storable(one.url),
        headers,
        one.request,
        one.at,
        storable_or_none(one.step),
    )


def _final(step: FinishSubmission) -> tuple[object, ...]:
    final = step.final
    dead_letter_id = storable(final.dead_letter.id) if final.dead_letter else None
    return (*_ticket(step), final.state.value, *event_columns(final.reply), dead_letter_id, final.at)


def _ordinals(rows: Iterable[asyncpg.Record]) -> set[int]:
    return {row["n"] - 1 for row in rows}


def _results(done: set[int], steps: Sequence[object]) -> list[Result]:
    return [None if n in done else Fenced() for n in range(len(steps))]
