"""The statements of an erasure: all that the journal holds of one key, and what of it may not be erased yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.audit_log import record
from worker.journal.encoding import event_headers_json, transposed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

ACT = "erase"
"""What the audit log calls it."""

# Locked like for a claim: no worker takes one meanwhile.
_SUBMISSIONS = """
select source, id, state, answered, reply_topic, reply_key, reply_headers, reply_value,
       exists (select from waiting w where w.source = submissions.source and w.id = submissions.id) as waits
from submissions where key_digest = any($1::bytea[]) order by source, id for update
"""
_LETTERS = """
select id, state, submission_id from dead_letters d
where d.event_key = $1 or d.key_digest = any($2::bytea[])
   or exists (select from unnest($3::text[], $4::text[]) as t (source, id)
              where d.source = t.source and d.submission_id = t.id)
order by id for update
"""
# The digest goes too: with a list of all patients' numbers it would name the patient.
_ERASE_REPLIES = """
update submissions s
set reply_key = null, reply_headers = t.headers::json, reply_value = t.value, summarized = true, key_digest = '',
    progress = null, evidence_removed_at = coalesce(evidence_removed_at, clock_timestamp())
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as t (source, id, headers, value)
where s.source = t.source and s.id = t.id
"""
_ERASE_ATTEMPTS = """
update attempts a
set request = null, answer = null, request_headers = null, answer_headers = null, detail = null,
    url = substring(url from '^[^/]*//[^/?#]*')
from unnest($1::text[], $2::text[]) as t (source, id)
where a.source = t.source and a.id = t.id
"""
_SENT = """
select a.source, a.id, a.sent_at
from unnest($1::text[], $2::text[]) as t (source, id) join attempts a using (source, id)
"""
# First the days, then what was kept of them: retention, which copies rows from the one to the other, locks the day.
_ERASE_EVIDENCE = """
delete from evidence e using unnest($1::text[], $2::text[], $3::timestamptz[]) as t (source, id, at)
where e.at = t.at and e.source = t.source and e.id = t.id and e.at = any($3::timestamptz[])
"""
_ERASE_KEPT = """
delete from evidence_kept k using unnest($1::text[], $2::text[]) as t (source, id)
where k.source = t.source and k.id = t.id
"""
_ERASE_LETTERS = """
update dead_letters
set event_key = null, event_headers = '[]', event_value = null, key_digest = null, detail = '',
    state = case when state = 'open' then 'discarded' else state end,
    removed_at = coalesce(removed_at, clock_timestamp())
where id = any($1::text[])
"""
_RECORD = """
insert into audit_log (who, act, reason, system, source, submission_id, details)
select $1, $2, $3, s.system, s.source, s.id, '{}'
from unnest($4::text[], $5::text[]) as t (source, id) join submissions s using (source, id)
"""


@immutable
class Found:
    """What the journal holds of a key: rows of `submissions` and of `dead_letters`, locked."""

    submissions: Sequence[asyncpg.Record]
    letters: Sequence[asyncpg.Record]


async def locked(connection: asyncpg.Connection, key: bytes, digests: Sequence[bytes]) -> Found:
    """Return all that is of this key. ``digests``: what may be stored of it."""
    submissions = await connection.fetch(_SUBMISSIONS, list(digests))
    names = [(row["source"], row["id"]) for row in submissions]
    letters = await connection.fetch(_LETTERS, key, list(digests), *_columns(names))
    return Found(submissions, letters)


async def erase(
    connection: asyncpg.Connection,
    found: Found,
    replies: Mapping[tuple[str, str], tuple[tuple[tuple[str, bytes | None], ...], bytes | None]],
    *,
    who: str,
    reason: str,
) -> None:
    """Erase it, and write down who did. ``replies``: headers and value that each reply is replaced by."""
    names = list(replies)
    rows = [(*name, event_headers_json(headers), value) for name, (headers, value) in replies.items()]
    if rows:
        await connection.execute(_ERASE_REPLIES, *transposed(rows))
        await _erase_evidence(connection, names)
        await connection.execute(_ERASE_ATTEMPTS, *_columns(names))
        await connection.execute(_RECORD, who, ACT, reason, *_columns(names))
    ids = [row["id"] for row in found.letters]
    await connection.execute(_ERASE_LETTERS, ids)
    await record(connection, ids, who=who, act=ACT, reason=reason)


async def _erase_evidence(connection: asyncpg.Connection, names: Sequence[tuple[str, str]]) -> None:
    if sent := [tuple(row) for row in await connection.fetch(_SENT, *_columns(names))]:
        await connection.execute(_ERASE_EVIDENCE, *transposed(sent))
    await connection.execute(_ERASE_KEPT, *_columns(names))


def _columns(names: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[source for source, _ in names], [submission_id for _, submission_id in names]]
