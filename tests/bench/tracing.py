"""What following and tracing cost: the calls of one accepted submission without and with traces, and whole workers.

Run `python -m tests.bench.tracing [ROUNDS [SUBMISSIONS]]`; 0 rounds leave the whole workers out. Prints one JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from tests.bench.worker import measure, servers
from tests.support.worker.installation import Installation
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
    with servers() as install:
        for turn in range(2 * rounds):
            enabled = turn % 2 == 0
            found[enabled].append(asyncio.run(_one(install(), count, enabled=enabled)))
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
