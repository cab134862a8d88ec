"""What pruning costs: time, write-ahead log and what it leaves on the disk, for the evidence of many submissions.

Run `python -m tests.bench.retention [ATTEMPTS]`. It fills a journal with submissions of one day that is long over, one
attempt each, and prunes their evidence while a worker goes on writing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import uvloop

from tests.support.postgres.journal import AT, PLACE, RealClock, event, final, received, request, sending
from tests.support.postgres.server import TEMPLATE, running_server
from worker.admin import retention_sql
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings

if TYPE_CHECKING:
    from datetime import datetime

IN_FLIGHT = 200
ANSWER = (b"<a>" + bytes(range(128)) * 23)[:3000]
REQUEST = ANSWER * 2  # bytes: what an immunization takes, signed
BEFORE = AT + timedelta(days=2)
_STATE = "select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, pg_database_size(current_database()) as size"


async def measure(dsn: str, attempts: int) -> dict[str, float]:
    """Fill a journal, prune it, and return seconds and mebibytes."""
    journal = await PostgresJournal.open(JournalSettings(dsn=dsn), "bench", RealClock())
    connection = await asyncpg.connect(dsn)
    if await connection.fetchval("select to_regproc('make_evidence_day') is not null"):
        await connection.execute("select make_evidence_day($1)", AT.date())
    await _lives(journal, attempts)
    await connection.execute("vacuum analyze")
    before = await connection.fetchrow(_STATE)
    stop = asyncio.Event()
    writing = asyncio.create_task(_slowest_while(journal, stop))
    began = time.monotonic()
    pruned = await retention_sql.prune(connection, BEFORE, AT - timedelta(days=1))
    seconds = time.monotonic() - began
    stop.set()
    slowest, written = await writing
    after = await connection.fetchrow(_STATE)
    assert before
    assert after
    assert pruned.evidence == attempts
    await journal.close()
    return {
        "attempts": attempts,
        "seconds": round(seconds, 2),
        "wal_mib": _mebibytes(after["wal"] - before["wal"]),
        "disk_before_mib": _mebibytes(before["size"]),
        "disk_after_mib": _mebibytes(after["size"]),
        "written_meanwhile": written,
        "slowest_meanwhile_ms": round(slowest * 1000, 1),
    }


async def _lives(journal: PostgresJournal, count: int) -> None:
    numbers = iter(range(count))

    async def one_lane() -> None:
        for number in numbers:
            await _life(journal, f"s-{number}", AT)

    await asyncio.gather(*(one_lane() for _ in range(IN_FLIGHT)))


async def _slowest_while(journal: PostgresJournal, stop: asyncio.Event) -> tuple[float, int]:
    """Go on writing; return how many seconds one submission's four steps took at most, and how many submissions."""
    slowest, count = 0.0, 0
    while not stop.is_set():
        began = time.monotonic()
        await _life(journal, f"meanwhile-{count}", RealClock().now())
        slowest, count = max(slowest, time.monotonic() - began), count + 1
    return slowest, count


async def _life(journal: PostgresJournal, name: str, at: datetime) -> None:
    claimed = await journal.claim(request(name))
    attempt = sending(message_id=name, request=REQUEST, at=at)
    await journal.sending(claimed.ticket, attempt, in_doubt=True)
    end = received(message_id=name, body=ANSWER, at=at)
    await journal.finish(claimed.ticket, final(reply=event(value=b"{}"), at=at), end)
    await journal.answered(claimed.ticket.source, claimed.ticket.id, 1, PLACE)


def _mebibytes(count: int) -> float:
    return round(float(count) / 1024**2, 1)


def main() -> None:
    """Print one JSON object."""
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with running_server() as server:
        print(json.dumps(uvloop.run(measure(server.create_database(TEMPLATE), attempts))))


if __name__ == "__main__":
    main()
