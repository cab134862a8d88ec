"""What a reconciliation asks of the journal, and writes into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from worker.journal.dead_letter_sql import keep_dead_letters
from worker.journal.encoding import event_columns, storable, transposed
from worker.journal.sealed_values import sealed_letter, sealed_reply, vault_of
from worker.journal.waiting_sql import FORGET_WAITING
from worker.pipeline.ports import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.admin.past_answers import PastAnswer
    from worker.pipeline.ports import ClaimRequest, DeadLetter

ACT = "reconcile"
"""What the audit log calls it."""

_NEWEST = "select max(received_at) from submissions"
# What was in progress at the backup has ended since, or its record would not lie before the committed offset. In doubt
# and without an owner is how a reconciliation leaves what it does not know the end of. What a worker has whose lease
# runs is not forgotten.
_UNKNOWN = """
select t.n from unnest($1::text[], $2::text[]) with ordinality as t (source, id, n)
where not exists (
    select from submissions s
    where s.source = t.source and s.id = t.id
      and (s.state not in ('claimed', 'sending', 'waiting')
           or (s.state <> 'waiting' and s.in_doubt and s.owner is null)
           or exists (select from workers w where w.owner = s.owner and w.lease_until > clock_timestamp())))
"""
# What waits for its answer goes on waiting, unless Kafka has its reply.
_WAITING = """
select s.source, s.id from unnest($1::text[], $2::text[]) as t (source, id) join submissions s using (source, id)
where s.state = 'waiting'
"""
# One that Kafka has the reply of ends as the reply says. The outcome of the others is unknown: as after a crash, their
# recovery rule decides about a record that comes again.
_INSERT = """
insert into submissions (
    source, id, type, system, operation, signer, identity, content_hash, key_digest,
    record_topic, record_partition, record_offset, record_timestamp, received_at,
    state, in_doubt, revision, attempts, reply_topic, reply_key, reply_headers, reply_value, answered, finished_at,
    dead_letter_id, forgotten)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
        $15, $16, $17, 1, $18, $19, $20::json, $21, $22, $23, $24, $23::timestamptz is null)
on conflict (source, id) do update
set state = excluded.state, in_doubt = excluded.in_doubt, attempts = greatest(submissions.attempts, 1),
    revision = greatest(submissions.revision, excluded.revision),
    owner = null, epoch = submissions.epoch + 1, next_attempt = null, reply_topic = excluded.reply_topic,
    reply_key = excluded.reply_key, reply_headers = excluded.reply_headers, reply_value = excluded.reply_value,
    answered = excluded.answered, finished_at = excluded.finished_at, dead_letter_id = excluded.dead_letter_id,
    forgotten = excluded.forgotten,
    progress = case when excluded.forgotten then submissions.progress end
where submissions.content_hash = excluded.content_hash
  and (submissions.state in ('claimed', 'sending')
       or (submissions.state = 'waiting' and excluded.finished_at is not null))
  and not exists (
      select from workers w where w.owner = submissions.owner and w.lease_until > clock_timestamp())
returning id
"""
_RECORD = """
insert into audit_log (who, act, reason, system, source, submission_id, details)
values ($1, $2, $3, $4, $5, $6, $7::json)
"""


async def newest(connection: asyncpg.Connection) -> datetime | None:
    """Return when the journal's newest submission came; a restored journal ends there."""
    found: datetime | None = await connection.fetchval(_NEWEST)
    return found


async def unknown(connection: asyncpg.Connection, names: Sequence[tuple[str, str]]) -> set[int]:
    """Return the indexes of those that the journal does not know, or does not know the end of."""
    if not names:
        return set()
    stored = [(storable(source), storable(name)) for source, name in names]
    return {row["n"] - 1 for row in await connection.fetch(_UNKNOWN, *transposed(stored))}


async def waiting(connection: asyncpg.Connection, names: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those that wait for an answer that comes later."""
    stored = {(storable(source), storable(name)): (source, name) for source, name in names}
    rows = await connection.fetch(_WAITING, *transposed(list(stored))) if stored else []
    return {stored[row["source"], row["id"]] for row in rows}


async def remember(
    connection: asyncpg.Connection,
    request: ClaimRequest,
    answer: PastAnswer | None,
    letter: DeadLetter | None,
    *,
    who: str,
    reason: str,
) -> bool:
    """Write a forgotten submission with its reply and dead letter; without a reply it is in doubt.

    Return whether it was still unknown, and no running worker's.
    """
    vault, source, name = vault_of(connection), storable(request.source), storable(request.id)
    place = request.place
    columns = (
        source, name, storable(request.type), request.system, storable(request.operation), storable(request.signer),
        storable(request.identity), request.content_hash, vault.digest(request.key_digest), place.topic,
        place.partition, place.offset, place.timestamp_ms, datetime.fromtimestamp(place.timestamp_ms / 1000, UTC),
    )  # fmt: skip
    at = (answer and answer.at) or request.received_at
    if answer is None:
        end: tuple[object, ...] = ("claimed", True, 1, None, None, None, None, False, None, None)
    else:
        stored = event_columns(sealed_reply(vault, source, name, answer.reply))
        held, died = answer.state is State.HELD, letter and letter.id
        end = (answer.state.value, held, answer.revision, *stored, True, at, died)
    details = {"as": end[0] if answer else "in doubt"} | ({"dead_letter": letter.id} if letter else {})
    async with connection.transaction():
        written = await connection.fetchval(_INSERT, *columns, *end)
        if written is not None:
            await connection.execute(FORGET_WAITING, [source], [name])
            if letter is not None:
                await keep_dead_letters(connection, [(sealed_letter(vault, letter), at)])
            await connection.execute(
                _RECORD, who, ACT, reason, request.system, source, name, json.dumps(details)
            )
    return written is not None
