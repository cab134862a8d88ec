"""Large answers: while one is read, the submissions of others must not wait."""

from __future__ import annotations

from itertools import count

from tests.bench.contest.contestants import Contestant
from tests.bench.contest.report import percentile
from tests.bench.contest.rounds import cost
from tests.bench.contest.surroundings import Surroundings
from tests.bench.footprint import memory_mib
from tests.bench.scaling.case import Bench, Row, running, told
from tests.support.worker.hospital import SEARCH, Event, event

REGISTRATIONS_PER_SECOND = 40
SECONDS = 40
EVERY = 400
"""One search for so many registrations: one in ten seconds, which the worker has read when the next one comes."""
ALONE = 3
_numbers = count()


def answers(bench: Bench) -> list[Row]:
    """Registrations beside searches whose answers have nothing, 1 MB and 6 MB."""
    found = []
    for size in (0, 1_000_000, 6_000_000):
        with running(bench, found_bytes=size) as (around, worker):
            worker.hospital.submit(around.events(bench.size.warm_up))
            found.append(told({"answer_bytes": size, **_measured(bench, around, worker)}))
    return found


def _measured(bench: Bench, around: Surroundings, worker: Contestant) -> Row:
    worker.hospital.forget()
    worker.hospital.submit([_search(around)])  # its schemas are compiled with the first one
    alone = cost(worker, [_search(around) for _ in range(ALONE)], bench.postgres.pid)
    registrations = around.events(REGISTRATIONS_PER_SECOND * SECONDS)
    mixed: list[Event] = []
    for number, one in enumerate(registrations):
        mixed += [one, _search(around)] if number % EVERY == 0 else [one]
    worker.hospital.forget()
    seconds = worker.hospital.pace(mixed, REGISTRATIONS_PER_SECOND * len(mixed) / len(registrations))
    of_others = [taken for one, taken in zip(mixed, seconds, strict=True) if not one.id.startswith("search-")]
    return {
        "search_ms": round(alone.worker_ms, 1),
        "registrations_p50_ms": round(percentile(of_others, 0.5) * 1000, 1),
        "registrations_p99_ms": round(percentile(of_others, 0.99) * 1000, 1),
        "registrations_most_ms": round(max(of_others) * 1000, 1),
        "rss_mb": round(memory_mib(worker.pids[0])),
    }


def _search(around: Surroundings) -> Event:
    patient = around.patient()
    reference = {"identifierType": "egn", "identifier": patient.egn}
    return event(
        f"search-{next(_numbers)}", SEARCH, patient, {"patient": reference, "fromDate": "2026-01-01"}
    )
