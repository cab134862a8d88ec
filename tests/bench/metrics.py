"""What metrics cost: the calls of one submission, a scrape of a large worker, and whole workers with and without.

Run `python -m tests.bench.metrics [ROUNDS [SUBMISSIONS]]`; 0 rounds leave the whole workers out. Prints one JSON.
The machine's noise is larger than what a whole worker shows, so `calls_us` over `worker_cpu_ms` is the number to trust.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from aiokafka import TopicPartition
from prometheus_client import generate_latest

from tests.bench.worker import measure
from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import TEMPLATE, running_server
from tests.support.worker.installation import Installation
from tests.support.worker.nhis import running
from worker.clock import SystemClock
from worker.kafka.backlog import PartitionBacklog
from worker.kafka.window import Fill
from worker.measuring.signers import SignerReadings
from worker.measuring.systems import RunnerReadings
from worker.observability.metrics import declared
from worker.observability.metrics.instruments import Instruments
from worker.observability.metrics.labels import Outcome, Stage
from worker.observability.metrics.system_meter import SystemMeter
from worker.pipeline.meter import Meter
from worker.pipeline.stages import Stages

CALLS = 20_000
SCRAPES = 50
PARTITIONS, SIGNERS = 64, 200
DATE = "Mon, 30 Nov 2026 10:00:00 GMT"
IN_EXCHANGE = (Stage.PREPARE, Stage.SENDING, Stage.EXCHANGE)
AROUND = (Stage.CLAIM, Stage.FINISH, Stage.PUBLISH, Stage.ANSWERED)


def meter(instruments: Instruments) -> SystemMeter:
    """Return the meter of a system, as a worker makes it."""
    clock = SystemClock()
    made = SystemMeter("nhis", instruments, lambda: clock.now().timestamp())
    made.know(["immunization.register"])
    return made


def submission(one: Meter, record_ms: int) -> None:
    """Move what one accepted submission moves."""
    stages = Stages(one, time.monotonic)
    for stage in AROUND:
        with stages.timed(stage):
            pass
    one.took(Stage.ADMISSION, 0.0001)
    one.exchange_began()
    for stage in IN_EXCHANGE:
        with stages.timed(stage):
            pass
    one.exchange_ended()
    one.dated(DATE)
    one.ended("immunization.register", Outcome.ACCEPTED, record_ms, replay=False)


def calls_us() -> float:
    """Return the CPU microseconds of the calls of one submission, and of the journal's one commit at most for it."""
    instruments = Instruments()
    one, committed = meter(instruments), instruments.histogram(declared.JOURNAL_COMMIT)
    record_ms = int(time.time() * 1000) - 2000
    began = time.process_time()
    for _ in range(CALLS):
        submission(one, record_ms)
        committed(0.002)
    return (time.process_time() - began) / CALLS * 1e6


def large() -> Instruments:
    """Return the instruments of a worker with many partitions and signers."""
    instruments, clock = Instruments(), SystemClock()
    one = meter(instruments)
    submission(one, 0)
    known = SimpleNamespace(
        certificate=SimpleNamespace(not_valid_after_utc=clock.now() + timedelta(days=300))
    )
    keys = {
        f"signer-{n}": SimpleNamespace(name=f"signer-{n}", known=known, problem=lambda: None)
        for n in range(SIGNERS)
    }
    system = SimpleNamespace(name="nhis", knows_signer=keys.__contains__)
    backlog = [PartitionBacklog(TopicPartition("t", n), 5, 1.0, 9, 1.0) for n in range(PARTITIONS)]
    runner = SimpleNamespace(
        system=system,
        intake=SimpleNamespace(
            fill=Fill(1, 2, 3, 4), paused=frozenset(), set_aside=Counter(), backlog=backlog
        ),
        breakers=SimpleNamespace(open_reason=None, open_signers={}, probe_failing=None),
        flood=SimpleNamespace(stop_reason=None, stopped={}, limited=()),
        resets=SimpleNamespace(lost_offsets=0, unacknowledged=0),
    )
    signers = SimpleNamespace(keys=keys, documents={}, problems={})
    instruments.read(RunnerReadings(runner, one, clock.now, fresh=45))  # type: ignore[arg-type]
    instruments.read(SignerReadings(signers, [system], clock.now))  # type: ignore[arg-type, list-item]
    return instruments


def scrape_ms() -> dict[str, float]:
    """Return what a scrape takes on the event loop, and in its thread."""
    instruments = large()
    on_loop, in_thread = [], []
    for _ in range(SCRAPES):
        began = time.process_time()
        instruments.take_readings()
        read = time.process_time()
        text = generate_latest(instruments.registry)
        in_thread.append(time.process_time() - read)
        on_loop.append(read - began)
    lines = [line for line in text.splitlines() if not line.startswith(b"#")]
    return {
        "series": len(lines),
        "on_the_loop_ms": round(statistics.median(on_loop) * 1000, 2),
        "in_the_thread_ms": round(statistics.median(in_thread) * 1000, 2),
    }


def workers(rounds: int, count: int) -> dict[str, object]:
    """Return the CPU of whole workers with and without metrics, in turn."""
    found: dict[bool, list[float]] = {True: [], False: []}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="herald-bench-")))
        kafka = stack.enter_context(Cluster(prepare(), directory / "kafka"))
        server = stack.enter_context(running_server())
        nhis = stack.enter_context(running(directory))
        for turn in range(2 * rounds):
            nhis.reset()
            dsn = server.create_database(TEMPLATE)
            installation = Installation.build(kafka.bootstrap, dsn, nhis, directory)
            enabled = turn % 2 == 0
            cost = asyncio.run(measure(installation, count, {"metrics": {"enabled": enabled}}))
            found[enabled].append(cost["worker_cpu_ms"])
    with_them, without = statistics.median(found[True]), statistics.median(found[False])
    return {
        "with_ms": found[True],
        "without_ms": found[False],
        "worker_cpu_ms": without,
        "difference": round(with_them / without - 1, 3),
    }


def main() -> None:
    """Measure and print."""
    rounds, count = (int(one) for one in (sys.argv[1:] + ["3", "1000"][len(sys.argv) - 1 :])[:2])
    calls = statistics.median(calls_us() for _ in range(5))
    result: dict[str, object] = {"calls_us": round(calls, 1), "scrape": scrape_ms()}
    if rounds:
        cost = workers(rounds, count)
        share = calls / 1000 / float(str(cost["worker_cpu_ms"]))
        result |= {"workers": cost, "share_of_a_submission": round(share, 4)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
