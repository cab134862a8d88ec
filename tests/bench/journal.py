"""What the journal costs a worker: CPU of this process per submission, for claim, sending, finish and answered.

Run `python -m tests.bench.journal [SUBMISSIONS IN_FLIGHT [encrypted]]`. PostgreSQL's own CPU is counted apart, as that
of all its processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import uvloop

from tests.bench.footprint import cpu_of_tree
from tests.support.postgres.journal import PLACE, RealClock, event, final, received, request, sending
from tests.support.postgres.server import TEMPLATE, running_server
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings

if TYPE_CHECKING:
    from collections.abc import Callable

ENCRYPTED = {"active_key": "bench", "keys": {"bench": {"secret": "bb" * 32}}}
REQUEST, ANSWER, REPLY = b"r" * 6000, b"a" * 3000, b"{" + b"v" * 4000  # bytes, about what I001 and I002 take


async def measure(
    dsn: str, submissions: int, in_flight: int, server_cpu: Callable[[], float], *, encrypted: bool = False
) -> dict[str, float]:
    """Take many submissions through all their journal writes, so many at a time. ``server_cpu``: seconds so far."""
    settings = JournalSettings(dsn=dsn, encryption=ENCRYPTED if encrypted else {})
    journal = await PostgresJournal.open(settings, "bench", RealClock())
    await _lives(journal, "warm", 200, in_flight)
    cpu, wall, server = time.process_time(), time.monotonic(), server_cpu()
    await _lives(journal, "s", submissions, in_flight)
    server = server_cpu() - server
    await journal.close()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return {
        "submissions": submissions,
        "in_flight": in_flight,
        "cpu_ms": round(cpu / submissions * 1000, 3),
        "postgresql_cpu_ms": round(server / submissions * 1000, 3),
        "per_second": round(submissions / wall),
    }


async def _lives(journal: PostgresJournal, name: str, count: int, in_flight: int) -> None:
    numbers = iter(range(count))

    async def one_lane() -> None:
        for number in numbers:
            await _life(journal, f"{name}-{number}")

    await asyncio.gather(*(one_lane() for _ in range(in_flight)))


async def _life(journal: PostgresJournal, id_: str) -> None:
    now = datetime.now(UTC)
    claimed = await journal.claim(request(id_))
    await journal.sending(claimed.ticket, sending(message_id=id_, request=REQUEST, at=now), in_doubt=True)
    await journal.finish(
        claimed.ticket,
        final(reply=event(value=REPLY, headers=(("ce_id", b"x" * 36),) * 10)),
        received(message_id=id_, body=ANSWER, at=now),
    )
    await journal.answered(claimed.ticket.source, claimed.ticket.id, 1, PLACE)


def main() -> None:
    """Print one JSON object."""
    submissions, in_flight = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (5000, 200)
    with running_server() as server:
        dsn, encrypted = server.create_database(TEMPLATE), "encrypted" in sys.argv
        cpu = partial(cpu_of_tree, server.pid)
        print(json.dumps(uvloop.run(measure(dsn, submissions, in_flight, cpu, encrypted=encrypted))))


if __name__ == "__main__":
    main()
