"""The journal's tables in a measurement: what ended before, and what a run wrote to them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from worker.admin.queries import each_submission, show
from worker.admin.retention_sql import BEGINNING, in_one, summarize
from worker.admin.status_sql import loads
from worker.admin.views import SubmissionFilter
from worker.journal.figures import read_figures
from worker.pipeline.ports import State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FILL = """
insert into submissions (
    source, id, type, system, operation, signer, identity, content_hash, key_digest, record_topic, record_partition,
    record_offset, record_timestamp, received_at, state, attempts, first_attempt, last_attempt, owner, reply_topic,
    reply_headers, reply_value, answered, finished_at)
select 'urn:hospital:' || n % 20, md5('id-' || n)::uuid::text,
       'nhis.immunization.register.v1', 'nhis', 'immunization.register',
       'dr-ivanova', md5('lrn-' || n)::uuid::text, sha256(n::text::bytea), sha256((n / 3)::text::bytea),
       'herald.nhis.submissions', n % 12, n, 0, at, case n % 50 when 0 then 'rejected' else 'accepted' end,
       1, at, at, 'before', 'herald.nhis.results', '[]', '{"nrn":"1"}', true, at + interval '1 second'
from generate_series($1::bigint, $2::bigint) n, lateral (
    select now() - (90 - 90.0 * n / $3::bigint) * interval '1 day' as at) t
"""
_FILL_ATTEMPTS = """
insert into attempts (source, id, message_id, number, purpose, url, sent_at, received_at, outcome, status)
select source, id, md5('message-' || record_offset)::uuid::text, 1, 'submit', 'https://nhis.test', received_at,
       finished_at, state, 200
from submissions
"""
_AT_ONCE = 500_000
_FILLFACTOR = """
select o.option_value from pg_class c, pg_options_to_table(c.reloptions) o
where c.oid = 'submissions'::regclass and o.option_name = 'fillfactor'
"""
# Without triggers, which take longer than the rows; the rest is what they would write.
_QUICKLY = "set session_replication_role = replica; set synchronous_commit = off"
_LIST = """
insert into unaccepted (source, id, kind, received_at)
select source, id, state, received_at from submissions where state <> 'accepted'
"""
_LOG = (
    "select count(pg_logical_emit_message(false, 'bench', repeat('x', 1000000))) from generate_series(1, 300)"
)
_HOT = "select relname, n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where n_tup_upd > 0"
_COMMITS = "select xact_commit from pg_stat_database where datname = current_database()"
_WAL = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"


@dataclass(frozen=True, slots=True)
class Written:
    """So far: transactions, bytes of the write-ahead log, and of each table the updates and those within the page."""

    commits: int
    wal: int
    updates: dict[str, tuple[int, int]]


async def prepare(dsn: str, rows: int) -> None:
    """Write so many submissions that ended within the last 90 days, without their messages.

    The server then has files of its write-ahead log to use again, as one that has run for a while: a new one is first
    filled with zeros, which costs as much as a sixth of all else.
    """
    connection = await asyncpg.connect(dsn)
    try:
        # These rows grow no more: they would take several times their room.
        kept = await connection.fetchval(_FILLFACTOR)
        await connection.execute("alter table submissions set (fillfactor = 100)")
        await connection.execute(_QUICKLY)
        for first in range(0, rows, _AT_ONCE):
            await connection.execute(_FILL, first, min(first + _AT_ONCE, rows) - 1, rows)
        await connection.execute(_FILL_ATTEMPTS)
        await connection.execute(_LIST)
        await connection.execute(f"alter table submissions set (fillfactor = {kept})")
        if rows:  # an empty table that was analysed would mislead the planner
            await connection.execute("vacuum analyze")
        await connection.execute(_LOG)
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _shown(connection: asyncpg.Connection, submission_id: str) -> None:
    (one,) = await show(connection, submission_id)
    assert one.attempts, "a submission that was filled in is shown with its attempt"


async def query_ms(dsn: str) -> dict[str, float]:
    """Return what operators' and workers' queries take, each at its second time."""
    connection = await asyncpg.connect(dsn)
    now = datetime.now(UTC)
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "figures": lambda: read_figures(connection),
        "status": lambda: loads(connection),
        "list": lambda: _listed(connection, SubmissionFilter()),
        "list_failed": lambda: _listed(connection, SubmissionFilter(state=State.FAILED)),
        "list_rejected": lambda: _listed(connection, SubmissionFilter(state=State.REJECTED)),
        "list_in_progress": lambda: _listed(connection, SubmissionFilter(state=State.SENDING)),
        "show": lambda: _shown(connection, str(UUID(hashlib.md5(b"id-1").hexdigest()))),  # noqa: S324 - see `_FILL`
        "summarize_500": lambda: in_one(connection, summarize, now - timedelta(days=89), BEGINNING),
    }
    try:
        return {name: await _second_time(query) for name, query in asked.items()}
    finally:
        await connection.close()


async def _second_time(query: Callable[[], Awaitable[object]]) -> float:
    await query()
    began = time.monotonic()
    await query()
    return round((time.monotonic() - began) * 1000, 2)


async def _listed(connection: asyncpg.Connection, wanted: SubmissionFilter) -> int:
    return len([row async for row in each_submission(connection, wanted, 50)])


async def written(connection: asyncpg.Connection) -> Written:
    """Read what was written so far. Sessions report what they did when they end, or are idle for a second."""
    await connection.execute("select pg_sleep(1.2), pg_stat_force_next_flush()")
    await connection.execute("select pg_stat_clear_snapshot()")
    tables = await connection.fetch(_HOT)
    return Written(
        commits=await connection.fetchval(_COMMITS),
        wal=await connection.fetchval(_WAL),
        updates={row["relname"]: (row["n_tup_upd"], row["n_tup_hot_upd"]) for row in tables},
    )


def hot_ratios(before: Written, after: Written) -> dict[str, float]:
    """Return of each table which share of its updates stayed within the page and changed no index."""
    ratios = {}
    for table, (updates, hot) in after.updates.items():
        earlier = before.updates.get(table, (0, 0))
        if updates > earlier[0]:
            ratios[table] = round((hot - earlier[1]) / (updates - earlier[0]), 3)
    return ratios
