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

# Each guarded step is one statement with what it keeps, and returns the ordinals of the rows that it changed; a ticket
# whose ordinal is missing is fenced. A step accepts the row as the step itself leaves it, so a commit whose outcome is
# unknown is simply repeated. Arrays are unnested in a select list: in a `from`, each column is copied once more.

# Of messages: source, id, message_id, number, purpose, host, url, headers, request, at, step.
_KEPT_ATTEMPTS = """
, facts as (
    insert into attempts (source, id, message_id, number, purpose, url, sent_at, step)
    select source, id, message_id, number, purpose, host, at, step from t
    on conflict (source, id, message_id) do nothing
), bytes as (
    insert into evidence (at, source, id, message_id, kind, url, headers, body)
    select at, source, id, message_id, 'request', url, headers::json, request from t
    on conflict do nothing
)
"""
# Of answers: source, id, message_id, answered_at, outcome, reason, detail, status, answer_headers, answer. One that is
# read once more (see `Stated`) is there already, as it came.
_KEPT_ANSWERS = """
, ended as (
    update attempts a
    set received_at = t.answered_at, outcome = t.outcome, reason = t.reason, detail = t.detail, status = t.status
    from t where a.source = t.source and a.id = t.id and a.message_id = t.message_id
    returning a.sent_at, a.source, a.id, a.message_id, t.answer_headers, t.answer
), bytes as (
    insert into evidence (at, source, id, message_id, kind, headers, body)
    select sent_at, source, id, message_id, 'answer', answer_headers::json, answer from ended where answer is not null
    on conflict do nothing
)
"""

_SENDING = f"""
with t as (
    update submissions s
    set state = 'sending', in_doubt = t.in_doubt, attempts = greatest(s.attempts, t.number),
        first_attempt = coalesce(s.first_attempt, t.at), last_attempt = t.at, next_attempt = null
    from (
        select unnest($2::integer[]) as n, unnest($3::text[]) as source, unnest($4::text[]) as id,
               unnest($5::bigint[]) as epoch, unnest($6::boolean[]) as in_doubt,
               unnest($7::text[]) as message_id, unnest($8::integer[]) as number, unnest($9::text[]) as purpose,
               unnest($10::text[]) as host, unnest($11::text[]) as url, unnest($12::text[]) as headers,
               unnest($13::bytea[]) as request, unnest($14::timestamptz[]) as at, unnest($15::text[]) as step) as t
    where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
      and s.state in ('claimed', 'sending')
      and exists (select from workers w where w.owner = $1 and w.lease_until > clock_timestamp())
    returning t.*
) {_KEPT_ATTEMPTS}
select n from t
"""  # noqa: S608 - put together from constants, as all statements here

_ATTEMPTS = f"""
with t as materialized (
    select unnest($1::text[]) as source, unnest($2::text[]) as id,
           unnest($3::text[]) as message_id, unnest($4::integer[]) as number, unnest($5::text[]) as purpose,
           unnest($6::text[]) as host, unnest($7::text[]) as url, unnest($8::text[]) as headers,
           unnest($9::bytea[]) as request, unnest($10::timestamptz[]) as at, unnest($11::text[]) as step
) {_KEPT_ATTEMPTS}
select 1
"""

_RECEIVED = f"""
with t as (
    update submissions s
    set state = 'claimed', in_doubt = t.in_doubt, tries = t.tries, spent = t.spent, next_attempt = t.due,
        progress = coalesce(t.progress, s.progress)
    from (
        select unnest($2::integer[]) as n, unnest($3::text[]) as source, unnest($4::text[]) as id,
               unnest($5::bigint[]) as epoch, unnest($6::boolean[]) as in_doubt, unnest($7::integer[]) as tries,
               unnest($8::float8[]) as spent, unnest($9::timestamptz[]) as due, unnest($10::bytea[]) as progress,
               unnest($11::text[]) as message_id, unnest($12::timestamptz[]) as answered_at,
               unnest($13::text[]) as outcome, unnest($14::text[]) as reason, unnest($15::text[]) as detail,
               unnest($16::integer[]) as status, unnest($17::text[]) as answer_headers,
               unnest($18::bytea[]) as answer) as t
    where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
      and s.state in ('claimed', 'sending')
    returning t.*
) {_KEPT_ANSWERS}
select n from t
"""  # noqa: S608

_ATTEMPT_ENDS = f"""
with t as materialized (
    select unnest($1::text[]) as source, unnest($2::text[]) as id,
           unnest($3::text[]) as message_id, unnest($4::timestamptz[]) as answered_at,
           unnest($5::text[]) as outcome, unnest($6::text[]) as reason, unnest($7::text[]) as detail,
           unnest($8::integer[]) as status, unnest($9::text[]) as answer_headers, unnest($10::bytea[]) as answer
) {_KEPT_ANSWERS}
select 1
"""

# Only held submissions stay in doubt: the system stated accepted and rejected, and a failed one was certainly not
# processed, whatever `sending` had to assume. A replay of one that is wrongly in doubt would be held for no reason. And
# only the replay of a held one goes on at its step.
_FINISH = f"""
with t as (
    update submissions s
    set state = t.state, in_doubt = s.in_doubt and t.state = 'held', next_attempt = null,
        progress = case when t.state = 'held' then s.progress end, forgotten = s.forgotten and t.state = 'held',
        reply_topic = t.topic, reply_key = t.key, reply_headers = t.headers::json, reply_value = t.value,
        dead_letter_id = t.dead_letter_id, answered = false, finished_at = t.at
    from (
        select unnest($2::integer[]) as n, unnest($3::text[]) as source, unnest($4::text[]) as id,
               unnest($5::bigint[]) as epoch, unnest($6::text[]) as state, unnest($7::text[]) as topic,
               unnest($8::bytea[]) as key, unnest($9::text[]) as headers, unnest($10::bytea[]) as value,
               unnest($11::text[]) as dead_letter_id, unnest($12::timestamptz[]) as at,
               unnest($13::text[]) as message_id, unnest($14::timestamptz[]) as answered_at,
               unnest($15::text[]) as outcome, unnest($16::text[]) as reason, unnest($17::text[]) as detail,
               unnest($18::integer[]) as status, unnest($19::text[]) as answer_headers,
               unnest($20::bytea[]) as answer) as t
    where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
      and (s.state in ('claimed', 'sending', 'waiting')
           or (s.state = t.state and s.reply_topic = t.topic and s.reply_value is not distinct from t.value))
    returning t.n, t.source, t.id, t.state, t.message_id, t.answered_at, t.outcome, t.reason, t.detail, t.status,
              t.answer_headers, t.answer
) {_KEPT_ANSWERS}
, accepted as (
    delete from unaccepted u using t where t.state = 'accepted' and u.source = t.source and u.id = t.id
)
select n from t
"""  # noqa: S608

_RELEASE = """
update submissions s
set owner = null
from unnest($2::text[], $3::text[], $4::bigint[]) as t (source, id, epoch)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and (s.state in ('claimed', 'sending') or not s.answered)
"""


async def send_all(connection: asyncpg.Connection, me: str, steps: Sequence[Send]) -> list[Result]:
    """Move to `sending` and keep the attempts. A ticket counts only while its owner's lease runs."""
    rows = [(n, *_ticket(s), s.in_doubt, *_message(s.sending)) for n, s in enumerate(steps)]
    done = _ordinals(await connection.fetch(_SENDING, me, *transposed(rows)))
    return _results(done, steps)


async def receive_all(connection: asyncpg.Connection, me: str, steps: Sequence[Receive]) -> list[Result]:
    """Move back to `claimed` and keep the answers."""
    rows = [(n, *_ticket(s), s.in_doubt, *_schedule(s), *_answer(s.received)) for n, s in enumerate(steps)]
    done = _ordinals(await connection.fetch(_RECEIVED, me, *transposed(rows)))
    return _results(done, steps)


async def finish_all(
    connection: asyncpg.Connection, me: str, steps: Sequence[FinishSubmission]
) -> list[Result]:
    """Keep the outcomes with their replies, dead letters, last answers and notifications."""
    done = _ordinals(
        await connection.fetch(_FINISH, me, *transposed([(n, *_final(s)) for n, s in enumerate(steps)]))
    )
    finished = [s for n, s in enumerate(steps) if n in done]
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
    if rows := [(*key, *_message(sending)) for key, sending in attempts]:
        await connection.execute(_ATTEMPTS, *transposed(rows))


async def keep_answers(connection: asyncpg.Connection, answers: Iterable[tuple[Key, Received]]) -> None:
    """Keep how messages were answered."""
    rows = [(*key, *_answer(one)) for key, one in answers]
    if rows:
        await connection.execute(_ATTEMPT_ENDS, *transposed(rows))


def _ticket(step: Send | Receive | FinishSubmission | Release) -> tuple[str, str, int]:
    return (*step.key, step.ticket.epoch)


def _schedule(step: Receive) -> tuple[object, ...]:
    return step.schedule.tries, step.schedule.spent, step.schedule.due, step.progress


def _message(one: Sending) -> tuple[object, ...]:
    return (
        storable(one.message_id),
        one.number,
        one.purpose,
        host_of(storable(one.url)),
        storable(one.url),
        object_json(one.headers),
        one.request,
        one.at,
        storable_or_none(one.step),
    )


def _answer(one: Received | None) -> tuple[object, ...]:
    if one is None:
        return _NO_ANSWER
    return (
        storable(one.message_id),
        one.at,
        storable(one.outcome),
        storable_or_none(one.reason),
        storable_or_none(one.detail),
        one.status,
        object_json(one.headers),
        one.body,
    )


_NO_ANSWER: tuple[object, ...] = (None,) * 8


def _final(step: FinishSubmission) -> tuple[object, ...]:
    final = step.final
    dead_letter_id = storable(final.dead_letter.id) if final.dead_letter else None
    reply = event_columns(final.reply)
    return (*_ticket(step), final.state.value, *reply, dead_letter_id, final.at, *_answer(step.received))


def _ordinals(rows: Iterable[asyncpg.Record]) -> set[int]:
    return {row["n"] for row in rows}


def _results(done: set[int], steps: Sequence[object]) -> list[Result]:
    return [None if n in done else Fenced() for n in range(len(steps))]
