"""A journal of millions of finished submissions: claiming and finishing must cost what they cost in an empty one.

The rows are copies of real ones: some submissions are delivered and pruned as retention leaves them (without evidence,
with the reply's summary), and then multiplied under new ids, as `generate_series` writes them.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping

import asyncpg

from tests.bench.footprint import after_retention
from tests.bench.scaling.case import Bench, Row, rounds, running, told
from tests.support.postgres.server import TEMPLATE

BATCH = 500_000
_SAME_ID = "md5('id' || n)::uuid::text"
NEW = {
    "submissions": {
        "id": _SAME_ID,
        "identity": "md5('identity' || n)::uuid::text",
        "content_hash": "sha256(('content' || n)::bytea)",
        "meaning_hash": "sha256(('meaning' || n)::bytea)",
        "key_digest": "sha256(('key' || n % 100000)::bytea)",
        "record_offset": "n",
        "received_at": "r.received_at - n * interval '1 second'",
        "finished_at": "r.finished_at - n * interval '1 second'",
        "evidence_removed_at": "r.finished_at",
    },
    "attempts": {
        "id": _SAME_ID,
        "message_id": "md5('message' || n)::uuid::text",
        "sent_at": "r.sent_at - n * interval '1 second'",
        "received_at": "r.received_at - n * interval '1 second'",
    },
}
"""By table: what differs from row to row. Everything else is as in the submission that was delivered."""
PRUNED = {
    "submissions": "select * from submissions where evidence_removed_at is not null",
    "attempts": """select a.* from attempts a join submissions s using (source, id)
                   where s.evidence_removed_at is not null""",
}
"""By table: the rows that may be copied. The submissions of rounds between two fillings still have their evidence."""

_COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position
"""
_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i left join pg_constraint c on c.conindid = i.indexrelid
where i.indrelid = $1::regclass and c.oid is null
"""
_SIZE = "select pg_database_size(current_database())"


def journal(bench: Bench) -> list[Row]:
    """Rounds beside no, a million and ten million finished submissions, and the gigabytes that these take."""
    dsn = bench.postgres.create_database(TEMPLATE)
    _pruned(bench, dsn)
    found, filled = [], 0
    for number in bench.size.finished:
        row = asyncio.run(_fill(dsn, filled, number))
        filled = number
        with running(bench, dsn=dsn) as (around, worker):
            found.append(told({"finished": filled, **row, **rounds(bench, around, worker)}))
    return found


def _pruned(bench: Bench, dsn: str) -> None:
    with running(bench, dsn=dsn) as (around, worker):
        worker.hospital.submit(around.events(20))
        asyncio.run(after_retention(dsn, around.directory / "herald.yaml"))


async def _fill(dsn: str, begin: int, end: int) -> Row:
    """Add finished submissions from one number to another. Indexes are made again afterwards, which is faster."""
    connection, began = await asyncpg.connect(dsn), time.monotonic()
    try:
        await connection.execute("set session_replication_role = replica; set maintenance_work_mem = '1GB'")
        for table, new in NEW.items():
            indexes = await connection.fetch(_INDEXES, table)
            for index in indexes if end > begin else ():
                await connection.execute(f"drop index {index['name']}")
            for number in range(begin, end, BATCH):
                await connection.execute(
                    await _copies(connection, table, new), number, min(number + BATCH, end)
                )
                print(
                    table, number + BATCH, round(time.monotonic() - began), "s", file=sys.stderr, flush=True
                )
            for index in indexes if end > begin else ():
                await connection.execute(index["definition"])
        await connection.execute("vacuum analyze")
        await connection.execute(
            "checkpoint"
        )  # what the filling left to be written is no part of a submission
        size = await connection.fetchval(_SIZE)
    finally:
        await connection.close()
    return {"fill_s": round(time.monotonic() - began), "disk_gb": round(size / 1e9, 2)}


async def _copies(connection: asyncpg.Connection, table: str, new: Mapping[str, str]) -> str:
    columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]
    values = [new.get(name, f"r.{name}") for name in columns]
    return (
        f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} "  # noqa: S608 - names of columns
        f"from ({PRUNED[table]} limit 1) r, generate_series($1::bigint, $2::bigint - 1) n"
    )
