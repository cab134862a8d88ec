"""The figures of docs/sizing.md: what a submission costs, and what a worker needs, for three kinds of submissions.

Run `python -m tests.bench.sizing [ROUNDS [SUBMISSIONS]]`. Apache Kafka, PostgreSQL, the sandboxes and the worker are
processes of this machine. Prints one JSON document: of each figure the median, the least and the most of the rounds.
Other load of the machine changes the submissions per second, and hardly the CPU time.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.bench.footprint import (
    after_retention,
    connections,
    cpu_of_tree,
    mean_bytes,
    memory_mib,
    stored,
    topic_bytes,
)
from tests.bench.kinds import Kind, documents, registrations
from tests.bench.metrics import calls_us
from tests.bench.worker import WARM_UP, cpu_seconds
from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import TEMPLATE, PgServer, running_server
from tests.support.worker.installation import WorkerProcess, worker_process
from tests.support.worker.metrics import scrape
from tests.support.worker.nhis import running as running_nhis
from tests.support.worker.sandbox import Sandbox
from tests.support.worker.sandbox import running as running_sandbox

DOCUMENTS = {"document_2_kb": 2_000, "document_50_kb": 50_000}
PATIENT = {"answer_timeout": 900, "total_timeout": 900}
"""While the window fills, no exchange ends."""
ALL_OF_THE_WINDOW = {
    "share_per_source": 1,
    "share_per_signer": 1,
    "commit_interval": 0.2,
    "session_timeout": 45,
}
"""One source and one signer may fill the window, and a machine with other load is no reason for a rebalance."""
FIGURES = (
    "event_bytes",
    "message_bytes",
    "answer_bytes",
    "reply_bytes",
    "worker_cpu_ms",
    "postgresql_cpu_ms",
    "submissions_per_second",
    "memory_at_rest_mib",
    "memory_after_load_mib",
    "full_window_records",
    "memory_full_window_mib",
    "journal_connections",
    "journal_bytes",
    "journal_bytes_after_retention",
    "write_ahead_log_bytes",
    "kafka_event_bytes",
    "kafka_reply_bytes",
)
QUIET_SECONDS = 5
FILLED_SECONDS = 900.0


async def measure(kind: Kind, number: int, data: Path, server: PgServer) -> dict[str, float]:
    """Return what this many submissions cost, and what the worker needs at rest and with a full window."""
    made = kind.installation
    changes = {"intake": ALL_OF_THE_WINDOW, "systems": {made.topics.system: {"transport": PATIENT}}}
    config = made.config(changes)
    with worker_process(config, forked=False) as worker:
        await worker.ready()
        await asyncio.sleep(QUIET_SECONDS)
        empty = await stored(made.dsn)
        found = {"memory_at_rest_mib": memory_mib(worker.process.pid)}
        found |= await _costs(kind, worker, number, data, server)
        kept = await after_retention(made.dsn, config) - empty.tables
        found["journal_bytes_after_retention"] = kept / (number + WARM_UP)
        found |= await _filled(kind, worker)
    return {name: round(found[name], 2) for name in FIGURES}


async def _costs(
    kind: Kind, worker: WorkerProcess, number: int, data: Path, server: PgServer
) -> dict[str, float]:
    made, topics = kind.installation, kind.installation.topics
    events = kind.events(number + WARM_UP)
    async with made.reading() as answers:
        await made.publish(*events[:WARM_UP])
        await answers.answered((one.id for one in events[:WARM_UP]), 120)
        before, cpu, wall = await stored(made.dsn), cpu_seconds(worker.process.pid), time.monotonic()
        database_cpu = cpu_of_tree(server.pid)
        await made.publish(*events[WARM_UP:])
        await answers.answered((one.id for one in events), 600)
        wall, cpu = time.monotonic() - wall, cpu_seconds(worker.process.pid) - cpu
        database_cpu = cpu_of_tree(server.pid) - database_cpu
        assert set(answers.kinds().values()) == {"accepted"}
    await made.all_committed()
    after, means = await stored(made.dsn), await mean_bytes(made.dsn)
    return {
        "event_bytes": statistics.mean(len(one.value or b"") for one in events),
        **{f"{name}_bytes": value for name, value in means.items()},
        "worker_cpu_ms": cpu / number * 1000,
        "postgresql_cpu_ms": database_cpu / number * 1000,
        "submissions_per_second": number / wall,
        "journal_bytes": (after.tables - before.tables) / number,
        "write_ahead_log_bytes": (after.log - before.log) / number,
        "kafka_event_bytes": topic_bytes(data, topics.submissions) / len(events),
        "kafka_reply_bytes": topic_bytes(data, topics.results) / len(events),
        "journal_connections": await connections(made.dsn),
        "memory_after_load_mib": memory_mib(worker.process.pid),
    }


async def _filled(kind: Kind, worker: WorkerProcess) -> dict[str, float]:
    """Let the system answer nothing, publish more than the window takes, and look when it takes no more."""
    made = kind.installation
    made.sandbox.fault("hang-before", times=None, seconds=FILLED_SECONDS)
    shown = await scrape(worker.address)
    records = shown.total("herald_window_limit_records")
    bytes_each = len(kind.make().value or b"")
    await made.publish(
        *kind.events(round(min(records, shown.total("herald_window_limit_bytes") / bytes_each)) + 500)
    )
    async with asyncio.timeout(FILLED_SECONDS):
        while shown.value("herald_intake_paused", system=made.topics.system, reason="window") != 1:
            await asyncio.sleep(QUIET_SECONDS)
            with suppress(httpx.TransportError):  # a worker that takes its window may answer late
                shown = await scrape(worker.address)
    made.sandbox.calm()
    return {
        "full_window_records": shown.total("herald_window_records"),
        "memory_full_window_mib": memory_mib(worker.process.pid),
    }


def rounds(number: int, submissions: int) -> dict[str, list[dict[str, float]]]:
    """Measure each kind in turn, so many times, each time with topics and a journal of its own."""
    found: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="herald-bench-")))
        (directory / "nhis").mkdir()
        (directory / "nhif").mkdir()
        kafka = stack.enter_context(Cluster(prepare(), directory / "kafka"))
        server = stack.enter_context(running_server())
        nhis = stack.enter_context(running_nhis(directory / "nhis"))
        nhif = stack.enter_context(running_sandbox("nhif", directory / "nhif", kind=Sandbox))
        for _ in range(number):
            nhis.reset()
            nhif.reset()
            for name in ("registration", *DOCUMENTS):
                dsn = server.create_database(TEMPLATE)
                kind = (
                    documents(kafka.bootstrap, dsn, directory, nhif, DOCUMENTS[name])
                    if name in DOCUMENTS
                    else registrations(kafka.bootstrap, dsn, directory, nhis)
                )
                data = directory / "kafka" / "broker-1" / "data"
                measured = asyncio.run(measure(kind, submissions, data, server))
                print(name, json.dumps(measured), file=sys.stderr, flush=True)
                found.setdefault(name, []).append(measured)
    return found


def spread(values: Sequence[float]) -> list[float]:
    """Return the median of the rounds, the least and the most."""
    return [round(one, 2) for one in (statistics.median(values), min(values), max(values))]


def main() -> None:
    """Measure and print."""
    number, submissions = (int(one) for one in (sys.argv[1:] + ["3", "1000"][len(sys.argv) - 1 :])[:2])
    metrics = [round(calls_us(), 1) for _ in range(5)]
    found = rounds(number, submissions)
    result: dict[str, Any] = {"processors": os.cpu_count(), "rounds": number, "submissions": submissions}
    result["metrics_us"] = spread(metrics)
    for name, measured in found.items():
        result[name] = {figure: spread([one[figure] for one in measured]) for figure in measured[0]}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
