"""The memory of a worker over many submissions: it must stay flat."""

from __future__ import annotations

from tests.bench.footprint import memory_mib
from tests.bench.scaling.case import Bench, Row, running, told

STEPS = 10


def memory(bench: Bench) -> list[Row]:
    """Resident memory after each tenth of a hundred times a round's submissions: 100,000 by default."""
    found = []
    step = bench.size.submissions * 100 // STEPS
    with running(bench) as (around, worker):
        worker.hospital.submit(around.events(bench.size.warm_up))
        for number in range(STEPS + 1):
            row = {"submissions": number * step, "rss_mb": round(memory_mib(worker.pids[0]), 1)}
            found.append(told(row))
            if number < STEPS:
                worker.hospital.forget()
                worker.hospital.submit(around.events(step))
    return found
