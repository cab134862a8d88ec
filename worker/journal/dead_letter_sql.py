"""Dead letters and acknowledged replies, as set-based statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.encoding import event_columns, place_columns, storable, storable_or_none, transposed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

    from worker.journal.commands import FindParked, MarkAnswered, MarkPublished, Park, Result
    from worker.pipeline.ports import DeadLetter

_KEEP = """
insert into dead_letters (
    id, reason, detail, system, operation, signer, source, submission_id,
    event_topic, event_key, event_headers, event_value,
    origin_topic, origin_partition, origin_offset, origin_topic_id, replay_count, created_at, key_digest)
select id, reason, detail, system, operation, signer, source, submission_id,
       topic, key, headers::json, value, from_topic, from_partition, from_offset, from_topic_id, replay_count, at,
       key_digest
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::bytea[], $11::text[], $12::bytea[], $13::text[], $14::integer[], $15::bigint[],
            $16::text[], $17::integer[], $18::timestamptz[], $19::bytea[])
     as t (id, reason, detail, system, operation, signer, source, submission_id, topic, key, headers, value,
           from_topic, from_partition, from_offset, from_topic_id, replay_count, at, key_digest)
on conflict (id) do nothing
"""

# The place where a submission was first taken is in its own row; those of others (duplicates, replays) are noted.
_ANSWERED = """
with noted as (
    update submissions s set answered = true
    from (
        select unnest($1::text[]) as source, unnest($2::text[]) as id, unnest($3::integer[]) as revision,
               unnest($4::text[]) as topic, unnest($5::integer[]) as partition, unnest($6::bigint[]) as record_offset,
               unnest($7::bigint[]) as record_timestamp, unnest($8::text[]) as topic_id) as t
    where s.source = t.source and s.id = t.id and s.revision = t.revision and s.finished_at is not null
    returning t.*, (s.record_topic, s.record_partition, s.record_offset, s.record_timestamp, s.record_topic_id)
              is distinct from (t.topic, t.partition, t.record_offset, t.record_timestamp, t.topic_id) as elsewhere
)
insert into answered_records (topic, partition, record_offset, record_timestamp, topic_id, source, id)
select topic, partition, record_offset, record_timestamp, coalesce(topic_id, ''), source, id
from noted where elsewhere
on conflict do nothing
"""

_KEPT = "select id, origin_topic_id from dead_letters where id = any($1::text[])"
_ACKNOWLEDGED = f"{_KEPT} and published"

# The topic's id is that of the record whose dead letter was published last: a record with the same timestamp at the
# same place of a topic that was recreated has the same dead letter id.
_PUBLISHED = """
update dead_letters d set published = true, origin_topic_id = t.topic_id
from unnest($1::text[], $2::text[]) as t (id, topic_id)
where d.id = t.id
"""


async def find_parked(connection: asyncpg.Connection, asked: Sequence[FindParked]) -> list[Result]:
    """Tell of each dead letter whether it is kept already."""
    return await _known_as(connection, _KEPT, [one.dead_letter for one in asked])


async def park_all(connection: asyncpg.Connection, parks: Sequence[Park]) -> list[Result]:
    """Keep dead letters that no submission ends with; return of each whether Kafka has acknowledged its event."""
    await keep_dead_letters(connection, [(park.dead_letter, park.at) for park in parks])
    return await _known_as(connection, _ACKNOWLEDGED, [park.dead_letter for park in parks])


async def _known_as(connection: asyncpg.Connection, sql: str, letters: Sequence[DeadLetter]) -> list[Result]:
    rows = await connection.fetch(sql, [storable(letter.id) for letter in letters])
    known: dict[str, str | None] = {row["id"]: row["origin_topic_id"] for row in rows}
    return [_is_of_this_record(letter, known) for letter in letters]


def _is_of_this_record(letter: DeadLetter, known: Mapping[str, str | None]) -> bool:
    """Tell whether a known dead letter is that of this very record; a topic's id that is None may be any."""
    name = storable(letter.id)
    return name in known and (None in (known[name], letter.topic_id) or known[name] == letter.topic_id)


async def publish_all(connection: asyncpg.Connection, marks: Sequence[MarkPublished]) -> list[Result]:
    """Note which events of parked dead letters Kafka acknowledged."""
    await connection.execute(_PUBLISHED, *transposed([(mark.key[1], mark.topic_id) for mark in marks]))
    return [None] * len(marks)


async def keep_dead_letters(
    connection: asyncpg.Connection, letters: Sequence[tuple[DeadLetter, datetime]]
) -> None:
    """Insert dead letters; one that is there already stays as it is."""
    await connection.execute(_KEEP, *transposed([_row(letter, at) for letter, at in letters]))


async def answer_all(connection: asyncpg.Connection, answers: Sequence[MarkAnswered]) -> list[Result]:
    """Note which replies Kafka acknowledged."""
    rows = [(*answer.key, answer.revision, *place_columns(answer.place)) for answer in answers]
    await connection.execute(_ANSWERED, *transposed(rows))
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
        letter.topic_id,
        letter.replay_count,
        at,
        letter.key_digest,
    )
