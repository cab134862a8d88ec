"""The contest: floor, Herald and the plain worker in turn, on one machine, in one run."""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.bench.contest.contestants import Contestant, herald, plain
from tests.bench.contest.profile import stages_ms
from tests.bench.contest.rounds import Cost, cost, floor_ms, latencies
from tests.bench.contest.servers import servers
from tests.bench.contest.surroundings import Surroundings, surroundings
from tests.bench.footprint import memory_mib
from tests.support.postgres.server import TEMPLATE, PgServer


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. ``submissions``: of each worker, in all its rounds together."""

    submissions: int = 5000
    rounds: int = 5
    warm_up: int = 1000
    paced_seconds: float = 10.0
    profiled: int = 3000


QUICK = Plan(submissions=1500, rounds=3, warm_up=300, paced_seconds=3.0, profiled=1000)


@dataclass(slots=True)
class Results:
    """Everything that was measured."""

    floor: list[float] = field(default_factory=list)
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    latencies: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)


def run(plan: Plan) -> Results:
    """Run it on servers of its own."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="herald-bench-")))
        bootstrap, postgres = stack.enter_context(servers(directory))
        return contest(plan, directory, bootstrap, postgres)


def contest(plan: Plan, directory: Path, bootstrap: str, postgres: PgServer) -> Results:
    """Run it on these servers."""
    with ExitStack() as stack:
        around = stack.enter_context(surroundings(directory))
        dsn = postgres.create_database(TEMPLATE)
        workers = [
            stack.enter_context(herald(around, bootstrap, dsn)),
            stack.enter_context(plain(around, bootstrap)),
        ]
        return _measured(plan, around, workers, postgres.pid)


def _measured(plan: Plan, around: Surroundings, workers: list[Contestant], postgres: int) -> Results:
    found, key = Results(), generate_private_key(65537, 2048)
    for worker in workers:
        worker.hospital.submit(around.events(plan.warm_up))
    for _ in range(plan.rounds):
        for worker in workers:
            found.floor.append(floor_ms(key))
            one = cost(worker, around.events(plan.submissions // plan.rounds), postgres)
            found.costs.setdefault(worker.name, []).append(one)
            print(f"floor {found.floor[-1]:.3f} ms, {worker.name} {one}", file=sys.stderr, flush=True)
    for worker in workers:
        _at_half_load(plan, around, worker, found)
        found.memory[worker.name] = memory_mib(worker.pids[0])
    _profiled(plan, around, workers[0], found)
    return found


def _at_half_load(plan: Plan, around: Surroundings, worker: Contestant, found: Results) -> None:
    half = statistics.median(one.per_second for one in found.costs[worker.name]) / 2
    events = around.events(int(half * plan.paced_seconds))
    found.latencies[worker.name] = latencies(worker, events, half)


def _profiled(plan: Plan, around: Surroundings, worker: Contestant, found: Results) -> None:
    """Find the stages in a round of its own, which the profiler slows down."""
    worker.hospital.forget()
    median = statistics.median(one.worker_ms for one in found.costs[worker.name])
    events = around.events(plan.profiled)
    found.stages |= stages_ms(
        worker.pids[0], around.directory / "profile", lambda: worker.hospital.submit(events), median
    )
