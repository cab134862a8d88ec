"""What the journal costs per submission, for claim, sending, finish and answered: the worker's CPU, and PostgreSQL's.

Run `python -m tests.bench.journal [SUBMISSIONS IN_FLIGHT [encrypted]] [--paced PER_SECOND] [--rows MILLIONS]`. With
`--paced`, submissions come at this rate, and wait for their system for 20 ms. With `--rows`, the journal has so many
million submissions that ended before, and the queries of operators and retention are timed. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import time
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import uvloop

from tests.bench.footprint import cpu_of_tree
from tests.bench.journal_tables import Written, hot_ratios, prepare, query_ms, written
from tests.support.postgres.journal import PLACE, RealClock, event, final, received, request, sending
from tests.support.postgres.server import TEMPLATE, running_server
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

ENCRYPTED = {"active_key": "bench", "keys": {"bench": {"secret": "bb" * 32}}}
UPSTREAM_SECONDS, KAFKA_SECONDS = 0.02, 0.005
COUNTED = 500
"""Submissions of the run that counts statements: to count costs CPU."""


def _document(size: int, signed: int) -> bytes:
    """Return bytes that compress as a message does: elements, and a certificate with a signature that do not."""
    some = random.Random(size)
    fields = (f'<nhis:field{n % 40} value="{some.randrange(10**6)}"/>' for n in count())
    text = b64encode(some.randbytes(signed * 3 // 4))
    while len(text) < size:
        text += next(fields).encode()
    return text[:size]


REQUEST, ANSWER, REPLY = _document(6000, 2500), _document(3000, 0), _document(4000, 0)
"""About what I001 and I002 take."""


async def measure(
    dsn: str,
    submissions: int,
    in_flight: int,
    server_cpu: Callable[[], float],
    *,
    encrypted: bool = False,
    paced: float | None = None,
) -> dict[str, object]:
    """Take many submissions through all their journal writes. ``server_cpu``: seconds so far."""
    settings = JournalSettings(dsn=dsn, encryption=ENCRYPTED if encrypted else {})
    journal = await PostgresJournal.open(settings, "bench", RealClock())
    watch = await asyncpg.connect(dsn)
    await _lives(journal, 500, in_flight)
    statements = await _statements(journal, in_flight)
    run = partial(_paced, journal, paced) if paced else partial(_lives, journal, in_flight=in_flight)
    before = await written(watch)
    cpu, wall, server = time.process_time(), time.monotonic(), server_cpu()
    waits = await run(submissions)
    server, wall = server_cpu() - server, time.monotonic() - wall
    cpu = time.process_time() - cpu
    await journal.close()
    after = await written(watch)
    await watch.close()
    return {
        "submissions": submissions,
        "paced" if paced else "in_flight": paced or in_flight,
        "cpu_ms": round(cpu / submissions * 1000, 3),
        "postgresql_cpu_ms": round(server / submissions * 1000, 3),
        "per_second": round(submissions / wall),
        "wait_ms": _percentiles(waits),
        "statements": statements,
        **_per_submission(before, after, submissions),
    }


def _per_submission(before: Written, after: Written, submissions: int) -> dict[str, object]:
    return {
        "transactions": round((after.commits - before.commits) / submissions, 2),
        "wal_bytes": round((after.wal - before.wal) / submissions),
        "hot": hot_ratios(before, after),
    }


async def _statements(journal: PostgresJournal, in_flight: int) -> float:
    """Return how many statements a submission takes where as many are in flight; `begin` and `commit` are such."""
    seen: Counter[str] = Counter()
    connection = journal._connections[0]._connection
    assert connection is not None
    logger = lambda record: seen.update([record.query])  # noqa: E731
    connection.add_query_logger(logger)
    await _lives(journal, COUNTED, in_flight)
    connection.remove_query_logger(logger)
    return round(seen.total() / COUNTED, 2)


async def _lives(journal: PostgresJournal, count: int, in_flight: int) -> list[float]:
    numbers, waits = iter(range(count)), []

    async def one_lane() -> None:
        waits.extend([await _life(journal) for _ in numbers])

    await asyncio.gather(*(one_lane() for _ in range(in_flight)))
    return waits


async def _paced(journal: PostgresJournal, per_second: float, count: int) -> list[float]:
    lives = [
        asyncio.create_task(_life(journal, UPSTREAM_SECONDS, KAFKA_SECONDS))
        async for _ in _ticks(count, per_second)
    ]
    return await asyncio.gather(*lives)


async def _ticks(count: int, per_second: float) -> AsyncIterator[int]:
    """Yield numbers at random times, as events of many hospitals come."""
    some, at = random.Random(1), time.monotonic()
    for number in range(count):
        at += some.expovariate(per_second)
        await asyncio.sleep(max(at - time.monotonic(), 0))
        yield number


async def _life(journal: PostgresJournal, upstream: float = 0, kafka: float = 0) -> float:
    """Take one through; return the seconds that it waited for the journal until its reply could be published.

    Its names are in no order, as those of hospitals are: an index takes them anywhere.
    """
    id_, message_id, identity = (str(uuid4()) for _ in range(3))
    now, began = datetime.now(UTC), time.monotonic()
    claimed = await journal.claim(request(id_, identity=identity, received_at=now))
    await journal.sending(
        claimed.ticket, sending(message_id=message_id, request=REQUEST, at=now), in_doubt=True
    )
    waited = time.monotonic() - began
    await _pause(upstream)
    began = time.monotonic()
    await journal.finish(
        claimed.ticket,
        final(reply=event(value=REPLY, headers=(("ce_id", b"x" * 36),) * 10)),
        received(message_id=message_id, body=ANSWER, at=now),
    )
    waited += time.monotonic() - began
    await _pause(kafka)
    await journal.answered(claimed.ticket.source, claimed.ticket.id, 1, PLACE)
    return waited


def _pause(seconds: float) -> Awaitable[None]:
    return asyncio.sleep(seconds)


def _percentiles(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits)
    return {f"p{p}": round(ordered[len(ordered) * p // 100] * 1000, 2) for p in (50, 99)}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("submissions", nargs="?", type=int, default=5000)
    parser.add_argument("in_flight", nargs="?", type=int, default=200)
    parser.add_argument("encrypted", nargs="?", choices=["encrypted"])
    parser.add_argument("--paced", type=float)
    parser.add_argument("--rows", type=float, default=0)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    with running_server() as server:
        dsn = server.create_database(TEMPLATE)
        uvloop.run(prepare(dsn, round(given.rows * 1_000_000)))
        found = uvloop.run(
            measure(
                dsn,
                given.submissions,
                given.in_flight,
                partial(cpu_of_tree, server.pid),
                encrypted=given.encrypted is not None,
                paced=given.paced,
            )
        )
        if given.rows:
            found["query_ms"] = uvloop.run(query_ms(dsn))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
