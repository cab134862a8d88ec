"""What following and tracing cost: the calls of one accepted submission without and with traces, and whole workers.

Run `python -m tests.bench.tracing [ROUNDS [SUBMISSIONS]]`; 0 rounds leave the whole workers out. Prints one JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.worker import measure
from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import TEMPLATE, running_server
from tests.support.worker.installation import Installation
from tests.support.worker.nhis import running
from tests.support.worker.otlp_sink import collecting
from worker.observability.journey import Journey, following, span_note, traced
from worker.observability.metrics.labels import Stage
from worker.observability.settings import TracingSettings
from worker.observability.tracing.building import build_tracing
from worker.observability.tracing.span import Tracer
from worker.pipeline.following import producing
from worker.pipeline.meter import UNMETERED
from worker.pipeline.stages import Stages

CALLS = 5_000
AROUND = (Stage.FINISH, Stage.PUBLISH, Stage.ANSWERED)
IN_EXCHANGE = (Stage.ADMISSION, Stage.PREPARE, Stage.SENDING, Stage.EXCHANGE)


def submission(tracer: Tracer | None, stages: Stages) -> None:
    """Follow what one accepted submission goes through."""
    journey = Journey(time.monotonic)
    with following(journey):
        if tracer is not None:
            journey.trace(tracer, "process herald.nhis.submissions", None, {"messaging.system": "kafka"})
        with stages.timed(Stage.CLAIM):
            pass
        with traced("submit"):
            for stage in IN_EXCHANGE:
                with stages.timed(stage):
                    pass
            with traced("sign"), traced("interpret"):
                pass
            span_note("herald.outcome", "accepted")
        with producing("reply", "herald.nhis.results"):
            for stage in AROUND:
                with stages.timed(stage):
                    pass


def spans_alone_us() -> float:
    """Return the microseconds of one part that is only a span, where there are no traces."""
    began = time.process_time()
    for _ in range(CALLS):
        with traced("sign"):
            pass
    return (time.process_time() - began) / CALLS * 1e6


def calls_us(tracer: Tracer | None) -> float:
    """Return the CPU microseconds of one submission, the thread that sends included."""
    stages = Stages(UNMETERED, time.monotonic)
    began = time.process_time()
    for _ in range(CALLS):
        submission(tracer, stages)
    return (time.process_time() - began) / CALLS * 1e6


async def traced_us(ratio: float) -> float:
    """Return the same with traces of which this share is sampled."""
    async with collecting() as sink:
        sink.mode = "discard"
        tracing = build_tracing(
            TracingSettings.model_validate({"enabled": True, "endpoint": sink.url, "sample_ratio": ratio}),
            "bench",
        )
        assert tracing is not None
        found = await asyncio.to_thread(calls_us, tracing.tracer)
        await tracing.close()
    return found


def workers(rounds: int, count: int) -> dict[str, object]:
    """Return the CPU milliseconds of a submission in whole workers with and without traces, in turn."""
    found: dict[bool, list[float]] = {True: [], False: []}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="herald-bench-")))
        kafka = stack.enter_context(Cluster(prepare(), directory / "kafka"))
        server = stack.enter_context(running_server())
        nhis = stack.enter_context(running(directory))
        for turn in range(2 * rounds):
            nhis.reset()
            installation = Installation.build(
                kafka.bootstrap, server.create_database(TEMPLATE), nhis, directory
            )
            found[turn % 2 == 0].append(asyncio.run(_one(installation, count, enabled=turn % 2 == 0)))
    return {"with_ms": found[True], "without_ms": found[False]}


async def _one(installation: Installation, count: int, *, enabled: bool) -> float:
    async with collecting() as sink:
        sink.mode = "discard"
        changes = {"tracing": {"enabled": enabled, "endpoint": sink.url}}
        return float((await measure(installation, count, changes))["worker_cpu_ms"])


def main() -> None:
    """Measure and print."""
    rounds, count = (int(one) for one in (sys.argv[1:] + ["3", "1000"][len(sys.argv) - 1 :])[:2])
    result: dict[str, object] = {
        "span_without_traces_us": round(statistics.median(spans_alone_us() for _ in range(5)), 2),
        "without_traces_us": round(statistics.median(calls_us(None) for _ in range(5)), 1),
        "not_sampled_us": round(statistics.median(asyncio.run(traced_us(0)) for _ in range(3)), 1),
        "sampled_us": round(statistics.median(asyncio.run(traced_us(1)) for _ in range(3)), 1),
    }
    if rounds:
        result["workers"] = workers(rounds, count)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
