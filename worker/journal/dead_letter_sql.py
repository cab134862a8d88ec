"""Dead letters and acknowledged replies, as set-based statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.encoding import event_columns, storable, storable_or_none, transposed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import asyncpg

    from worker.journal.commands import MarkAnswered, Park, Result
    from worker.pipeline.ports import DeadLetter

_KEEP = """
insert into dead_letters (
    id, reason, detail, system, operation, signer, source, submission_id,
    event_topic, event_key, event_headers, event_value,
    origin_topic, origin_partition, origin_offset, replay_count, created_at)
select id, reason, detail, system, operation, signer, source, submission_id,
       topic, key, headers::json, value, from_topic, from_partition, from_offset, replay_count, at
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::bytea[], $11::text[], $12::bytea[], $13::text[], $14::integer[], $15::bigint[],
            $16::integer[], $17::timestamptz[])
     as t (id, reason, detail, system, operation, signer, source, submission_id, topic, key, headers, value,
           from_topic, from_partition, from_offset, replay_count, at)
on conflict (id) do nothing
"""

_ANSWERED = """
update submissions s
set answered = true
from unnest($1::text[], $2::text[], $3::integer[]) as t (source, id, revision)
where s.source = t.source and s.id = t.id and s.revision = t.revision
  and s.finished_at is not null and not s.answered
"""


async def park_all(connection: asyncpg.Connection, parks: Sequence[Park]) -> list[Result]:
    """Keep dead letters that no submission ends with."""
    await keep_dead_letters(connection, [(park.dead_letter, park.at) for park in parks])
    return [None] * len(parks)


async def keep_dead_letters(
    connection: asyncpg.Connection, letters: Sequence[tuple[DeadLetter, datetime]]
) -> None:
    """Insert dead letters; one that is there already stays as it is."""
    await connection.execute(_KEEP, *transposed([_row(letter, at) for letter, at in letters]))


async def answer_all(connection: asyncpg.Connection, answers: Sequence[MarkAnswered]) -> list[Result]:
    """Note which replies Kafka acknowledged."""
    await connection.execute(_ANSWERED, *transposed([(*answer.key, answer.revision) for answer in answers]))
    return [None] * len(answers)


def _row(letter: DeadLetter, at: datetime) -> tuple[object, ...]:
    return (
        storable(letter.id),
        storable(letter.reason),
        storable(letter.detail),
        storable(letter.system),
        storable_or_none(letter.operation),
        storable_or_none(letter.signer),
        storable_or_none(letter.source),
        storable_or_none(letter.submission_id),
        *event_columns(letter.event),
        letter.origin.topic,
        letter.origin.partition,
        letter.origin.offset,
        letter.replay_count,
        at,
    )
