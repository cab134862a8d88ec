"""How the server carries out what a worker writes: row by row by its key, also while the tables are small."""

from __future__ import annotations

import re

import pytest

from tests.support.postgres.journal import RealClock
from worker.journal import claim_sql, dead_letter_sql, progress_sql
from worker.journal.postgres import _writer_connection

STATEMENTS = {
    "lock": claim_sql._LOCK,
    "claim": claim_sql._FACTS,
    "take-over": claim_sql._TAKE_OVER,
    "sending": progress_sql._SENDING,
    "received": progress_sql._RECEIVED,
    "finish": progress_sql._FINISH,
    "release": progress_sql._RELEASE,
    "answered": dead_letter_sql._ANSWERED,
}
SOME = """
insert into submissions (source, id, type, system, operation, signer, identity, content_hash, key_digest, record_topic,
    record_partition, record_offset, received_at, state, finished_at, reply_topic, reply_headers, answered)
select 'urn:h', 's-' || n, 't', 'nhis', 'o', 's', 'i-' || n, '', '', 'topic', 0, n, now(), 'accepted', now(), 'r',
    '{}', true
from generate_series(1, $1::int) n
"""


@pytest.mark.parametrize("rows", [None, 20, 5000])
async def test_each_row_is_found_by_its_key(settings, connection, rows):
    if rows:
        await connection.execute(SOME, rows)
        await connection.execute("analyze submissions")
    writer = _writer_connection(settings, RealClock())
    plans = await writer.run(_plans)
    await writer.close()
    for name, plan in plans.items():
        reads = re.findall(r"Scan.* on submissions s .*\n(.*)", plan)
        assert reads, plan
        assert all("Index Cond: " in line for line in reads), (name, plan)


async def _plans(connection):
    plans = {}
    for name, statement in STATEMENTS.items():
        count = max(int(number) for number in re.findall(r"\$(\d+)", statement))
        plan = "p_" + name.replace("-", "_")
        await connection.execute(f"prepare {plan} as {statement}")
        rows = await connection.fetch(f"explain execute {plan}({', '.join(['null'] * count)})")
        plans[name] = "\n".join(row[0] for row in rows)
    return plans
