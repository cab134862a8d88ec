"""What operators read in the journal. Bytes stay bytes: nothing here decodes health data."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from worker.admin import notification_sql
from worker.admin.views import AttemptRow, DeadLetterRow, SubmissionDetail, SubmissionRow, WaitingRow
from worker.journal.claims import LetterState
from worker.journal.encoding import event_of
from worker.journal.evidence_sql import with_bytes
from worker.journal.sealed_values import opened_letter, opened_message, opened_reply, vault_of
from worker.pipeline.ports import FINAL_STATES, Phase, State

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import asyncpg

    from worker.admin.views import DeadLetterFilter, SubmissionFilter
    from worker.journal.vault import Vault
    from worker.pipeline.ports import Event

_PREFETCH = 500  # rows of a list that are in memory at once
# The newest first, and no more of them than are read: other joins begin with all rows.
_ROW_BY_ROW = "set local enable_hashjoin = off; set local enable_mergejoin = off"

_LINE = """
select source, id, type, system, operation, signer, identity, state, in_doubt, revision, attempts,
       first_attempt, last_attempt, next_attempt, owner, record_topic as topic, record_partition as partition,
       record_offset as "offset", received_at, finished_at, dead_letter_id, answered, summarized,
       coalesce(evidence_removed_at, (
           select o.dropped_at from evidence_drops o
           where o.day = (submissions.last_attempt at time zone 'UTC')::date
             and not exists (
                 select from evidence_kept k where k.source = submissions.source and k.id = submissions.id)
             and not exists (
                 select from attempts a
                 where a.source = submissions.source and a.id = submissions.id and a.request is not null)
       )) as evidence_removed_at
"""
_SUBMISSION = _LINE + "from submissions"
_WITH_REPLY = _LINE + ", reply_topic, reply_key, reply_headers, reply_value from submissions"

_DEAD_LETTER = """
select id, reason, detail, system, operation, signer, source, submission_id, created_at, state, replay_count,
       removed_at, event_topic as topic, origin_topic, origin_partition, origin_offset
from dead_letters d
"""

_SUBMISSION_FILTER = """
where ($1::text is null or state = $1) and ($2::text is null or system = $2)
  and ($3::text is null or operation = $3) and ($4::text is null or signer = $4)
  and ($5::timestamptz is null or received_at >= $5)
"""
# All states but `accepted` are found in a small table, however many were accepted since.
_OF_KIND = """
join (select source, id, received_at as came from unaccepted where kind = $6) u using (source, id)
"""
DEAD_LETTER_FILTER = """
where ($1::text is null or d.reason = $1) and ($2::text is null or d.system = $2)
  and ($3::text is null or d.operation = $3) and ($4::text is null or d.signer = $4)
  and ($5::timestamptz is null or d.created_at >= $5) and ($6::timestamptz is null or d.created_at < $6)
  and ($7::text is null or d.state = $7) and ($8::text[] is null or d.id = any($8))
  and ($9::text is null or d.source = $9)
  and ($10::bytea is null or d.event_key = $10 or d.key_digest = any($12::bytea[]))
  and ($11::text is null or strpos(lower(concat_ws(' ', d.reason, d.detail)), lower($11)) > 0 or exists (
      select from attempts a
      where a.source = d.source and a.id = d.submission_id
        and strpos(lower(concat_ws(' ', a.reason, a.detail)), lower($11)) > 0))
"""
"""On `dead_letters d`; takes `dead_letter_filter`."""
_LIST_DEAD_LETTERS = _DEAD_LETTER + DEAD_LETTER_FILTER + "order by d.created_at desc, d.id limit $13"
_COUNT_DEAD_LETTERS = f"select count(*) from dead_letters d {DEAD_LETTER_FILTER}"  # noqa: S608 - as above

# No index begins with the id, since each submission would pay for one that only people use: the sources, which are few,
# are found one after the other in the primary key.
_SHOW = f"""
with recursive sources (source) as (
    select min(source) from submissions
    union all
    select (select min(later.source) from submissions later where later.source > sources.source)
    from sources where sources.source is not null
)
{_WITH_REPLY}
where id = $1 and source = any(case when $2::text is null then array(select source from sources) else array[$2] end)
order by source
"""  # noqa: S608 - as above
_SHOW_DEAD_LETTER = _DEAD_LETTER + "where id = $1"
_EVENT = "select event_topic, event_key, event_headers, event_value from dead_letters where id = $1"

_WAITING = """
select phase, reference, asks, due, taken_at, give_up_at from waiting where source = $1 and id = $2
"""

_ATTEMPTS = """
select source, id, number, purpose, step, message_id, url, request_headers, request, sent_at, received_at, outcome,
       reason, detail, status, answer_headers, answer
from attempts where source = $1 and id = $2 order by sent_at, number
"""


async def each_submission(
    connection: asyncpg.Connection, wanted: SubmissionFilter, limit: int | None = None
) -> AsyncGenerator[SubmissionRow, None]:
    """Yield the newest first, all of them without a limit; the server keeps what is not yet read."""
    chosen, values = _chosen(wanted)
    came = "received_at" if chosen == _SUBMISSION_FILTER else "came"
    query = f"{_SUBMISSION} {chosen} order by {came} desc, id limit ${len(values) + 1}"
    async with aclosing(_each(connection, query, *values, limit)) as rows:
        async for row in rows:
            yield _submission(row)


async def count_submissions(connection: asyncpg.Connection, wanted: SubmissionFilter) -> int:
    """Return how many submissions fit."""
    chosen, values = _chosen(wanted)
    return int(await connection.fetchval(f"select count(*) from submissions {chosen}", *values))  # noqa: S608


def _chosen(wanted: SubmissionFilter) -> tuple[str, tuple[object, ...]]:
    """Return what follows `from submissions`, and its parameters."""
    others = wanted.system, wanted.operation, wanted.signer, wanted.since
    if wanted.state in (None, State.ACCEPTED):
        return _SUBMISSION_FILTER, (wanted.state, *others)
    if wanted.state in FINAL_STATES:
        return _OF_KIND + _SUBMISSION_FILTER, (None, *others, wanted.state)
    return _OF_KIND + _SUBMISSION_FILTER, (wanted.state, *others, "unfinished")


async def show(
    connection: asyncpg.Connection, submission_id: str, source: str | None = None
) -> list[SubmissionDetail]:
    """Return the submissions of this id: one per source that used it, none where it is unknown."""
    rows = await connection.fetch(_SHOW, submission_id, source)
    return [await _detail(connection, row) for row in rows]


async def each_dead_letter(
    connection: asyncpg.Connection, wanted: DeadLetterFilter, limit: int | None = None
) -> AsyncGenerator[DeadLetterRow, None]:
    """Yield the newest first, all of them without a limit; the server keeps what is not yet read."""
    async with aclosing(
        _each(connection, _LIST_DEAD_LETTERS, *dead_letter_filter(wanted, vault_of(connection)), limit)
    ) as rows:
        async for row in rows:
            yield _dead_letter(row)


async def count_dead_letters(connection: asyncpg.Connection, wanted: DeadLetterFilter) -> int:
    """Return how many dead letters fit."""
    return int(
        await connection.fetchval(_COUNT_DEAD_LETTERS, *dead_letter_filter(wanted, vault_of(connection)))
    )


def dead_letter_filter(wanted: DeadLetterFilter, vault: Vault) -> tuple[object, ...]:
    """Return the parameters of `DEAD_LETTER_FILTER`; ``vault``: the keys of the journal."""
    return (
        wanted.reason,
        wanted.system,
        wanted.operation,
        wanted.signer,
        wanted.since,
        wanted.until,
        wanted.state,
        None if wanted.ids is None else list(wanted.ids),
        wanted.source,
        wanted.key,
        wanted.text,
        [] if wanted.key is None else vault.digests(wanted.key),
    )


async def dead_letter(connection: asyncpg.Connection, dead_letter_id: str) -> DeadLetterRow | None:
    """Return one dead letter, or None where the journal holds none of this id."""
    row = await connection.fetchrow(_SHOW_DEAD_LETTER, dead_letter_id)
    return None if row is None else _dead_letter(row)


async def dead_letter_event(connection: asyncpg.Connection, dead_letter_id: str) -> Event:
    """Return a dead letter's event as it was published: the original record, with Herald's headers. Health data."""
    (row,) = await connection.fetch(_EVENT, dead_letter_id)
    return opened_letter(vault_of(connection), dead_letter_id, _event(row, "event"))


async def _each(
    connection: asyncpg.Connection, query: str, *arguments: object
) -> AsyncGenerator[asyncpg.Record, None]:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_ROW_BY_ROW)
        async for row in connection.cursor(query, *arguments, prefetch=_PREFETCH):
            yield row


async def _detail(connection: asyncpg.Connection, row: asyncpg.Record) -> SubmissionDetail:
    attempts = await with_bytes(connection, await connection.fetch(_ATTEMPTS, row["source"], row["id"]))
    waiting = await connection.fetchrow(_WAITING, row["source"], row["id"])
    dead_letter_id, vault = row["dead_letter_id"], vault_of(connection)
    return SubmissionDetail(
        submission=_submission(row),
        reply=_reply(vault, row) if row["reply_topic"] is not None else None,
        attempts=tuple(_attempt(vault, attempt) for attempt in attempts),
        dead_letter=await dead_letter(connection, dead_letter_id) if dead_letter_id else None,
        waiting=WaitingRow(**{**waiting, "phase": Phase(waiting["phase"])}) if waiting else None,
        notifications=await notification_sql.of_submission(connection, row["source"], row["id"]),
    )


def _submission(row: asyncpg.Record) -> SubmissionRow:
    values = {name: value for name, value in row.items() if not name.startswith("reply_")}
    return SubmissionRow(**{**values, "state": State(row["state"])})


def _dead_letter(row: asyncpg.Record) -> DeadLetterRow:
    return DeadLetterRow(**{**row, "state": LetterState(row["state"])})


def _attempt(vault: Vault, row: dict[str, Any]) -> AttemptRow:
    opened = opened_message(vault, row.pop("source"), row.pop("id"), row)
    for name in ("request_headers", "answer_headers"):
        opened[name] = opened[name] and json.loads(opened[name])
    return AttemptRow(**{**row, **opened})


def _reply(vault: Vault, row: asyncpg.Record) -> Event:
    return opened_reply(vault, row["source"], row["id"], _event(row, "reply"))


def _event(row: asyncpg.Record, name: str) -> Event:
    return event_of(row[f"{name}_topic"], row[f"{name}_key"], row[f"{name}_headers"], row[f"{name}_value"])
