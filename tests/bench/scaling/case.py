"""One cell of the scaling table: Herald under one circumstance, against the signatures of the same rounds."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.bench.contest.contestants import Contestant, herald
from tests.bench.contest.rounds import cost, floor_ms
from tests.bench.contest.servers import servers
from tests.bench.contest.surroundings import Surroundings, surroundings
from tests.bench.footprint import memory_mib
from tests.support.postgres.server import TEMPLATE, PgServer
from tests.support.worker.hospital import Event

Row: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured for a cell."""

    submissions: int = 1000
    rounds: int = 3
    warm_up: int = 500
    finished: Sequence[int] = (0, 1_000_000, 10_000_000)
    """Submissions that the journal holds already, in the cells of that run."""


@dataclass(frozen=True)
class Bench:
    """The servers that all cells of a run share."""

    directory: Path
    bootstrap: str
    postgres: PgServer
    size: Size


@contextmanager
def bench(size: Size) -> Iterator[Bench]:
    """Run the servers."""
    with (
        TemporaryDirectory(prefix="herald-bench-") as name,
        servers(Path(name)) as (bootstrap, postgres),
    ):
        yield Bench(Path(name), bootstrap, postgres, size)


@contextmanager
def running(
    bench: Bench,
    *,
    dsn: str | None = None,
    workers: int = 1,
    changes: Mapping[str, Any] | None = None,
    **around: Any,
) -> Iterator[tuple[Surroundings, Contestant]]:
    """Run Herald with a journal of its own, or this one, at a stand-in of its own."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(dir=bench.directory)))
        made = stack.enter_context(surroundings(directory, **around))
        dsn = dsn or bench.postgres.create_database(TEMPLATE)
        worker = stack.enter_context(herald(made, bench.bootstrap, dsn, changes=changes, workers=workers))
        yield made, worker


def rounds(bench: Bench, around: Surroundings, worker: Contestant, *, keys: int = 1000) -> Row:
    """Return the medians of some rounds of registrations, each beside its own signatures."""
    return rounds_of(bench, worker, lambda number: around.events(number, keys=keys))


def rounds_of(bench: Bench, worker: Contestant, events: Callable[[int], Sequence[Event]]) -> Row:
    """Return the medians of some rounds of any events; `events` makes so many new ones."""
    worker.hospital.forget()
    worker.hospital.submit(events(bench.size.warm_up))
    key, floors, costs = generate_private_key(65537, 2048), [], []
    for _ in range(bench.size.rounds):
        floors.append(floor_ms(key))
        costs.append(cost(worker, events(bench.size.submissions), bench.postgres.pid))
    floor, worker_ms = statistics.median(floors), statistics.median(one.worker_ms for one in costs)
    return {
        "herald_ms": round(worker_ms, 3),
        "over_floor": round(worker_ms / floor, 2),
        "per_s": round(statistics.median(one.per_second for one in costs)),
        "postgres_ms": round(statistics.median(one.postgres_ms for one in costs), 3),
        "rss_mb": round(sum(memory_mib(pid) for pid in worker.pids)),
    }


def told(row: Row) -> Row:
    """Say on standard error what was measured, so that a long run shows how far it is."""
    print(row, file=sys.stderr, flush=True)
    return row
