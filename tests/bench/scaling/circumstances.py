"""What may change around the same submission: workers, keys, signers, how many come, and how long NHIS takes."""

from __future__ import annotations

import time

from tests.bench.contest.contestants import Contestant, plain
from tests.bench.contest.report import percentile
from tests.bench.contest.rounds import TAIL_SECONDS, cpu_of, latencies
from tests.bench.contest.surroundings import Surroundings
from tests.bench.footprint import cpu_of_tree
from tests.bench.scaling.case import Bench, Row, rounds, running, told

PACED_SECONDS = 10
PLAIN_FOLLOWS = 100
"""Submissions a second that the plain worker answers with time to spare."""


def workers(bench: Bench) -> list[Row]:
    """One worker, and two of one group: their CPU and memory together."""
    found = []
    for number in (1, 2):
        with running(bench, workers=number) as (around, worker):
            found.append(told({"workers": number, **rounds(bench, around, worker)}))
    return found


def keys(bench: Bench) -> list[Row]:
    """Submissions of one key go one after the other, those of different keys together."""
    found = []
    for number in (1, 10, 100, 1000):
        with running(bench) as (around, worker):
            found.append(told({"keys": number, **rounds(bench, around, worker, keys=number)}))
    return found


def signers(bench: Bench) -> list[Row]:
    """Each signer has a key, a token and a share of the limits."""
    found = []
    for number in (1, 20, 200):
        with running(bench, signers=number) as (around, worker):
            found.append(told({"signers": number, **rounds(bench, around, worker)}))
    return found


def load(bench: Bench) -> list[Row]:
    """Few submissions a second make small groups of writes, so each costs more, and its answer comes sooner.

    The plain worker is measured as well, up to the rate that it can follow. It shares nothing between submissions, so
    what it costs more at a low load is due to cold caches.
    """
    with running(bench) as (around, worker), plain(around, bench.bootstrap) as other:
        for one in (worker, other):
            one.hospital.submit(around.events(bench.size.warm_up))
        return [told(_at_rate(bench, around, worker, other, rate)) for rate in (10, 50, 100, 200, 400)]


def _at_rate(
    bench: Bench, around: Surroundings, worker: Contestant, other: Contestant, per_second: int
) -> Row:
    cpu, database, seconds = _paced(bench, around, worker, per_second)
    beside = _paced(bench, around, other, per_second)[0] if per_second <= PLAIN_FOLLOWS else None
    return {
        "asked_per_s": per_second,
        "herald_ms": round(cpu, 3),
        "plain_ms": "" if beside is None else round(beside, 3),
        "postgres_ms": round(database, 3),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
    }


def _paced(
    bench: Bench, around: Surroundings, worker: Contestant, per_second: int
) -> tuple[float, float, list[float]]:
    """Return the milliseconds of CPU of a submission, PostgreSQL's, and the seconds to each reply."""
    time.sleep(TAIL_SECONDS)
    number, postgres = per_second * PACED_SECONDS, bench.postgres.pid
    cpu, database = cpu_of(worker.pids), cpu_of_tree(postgres)
    seconds = latencies(worker, around.events(number), per_second)
    time.sleep(TAIL_SECONDS)
    cpu, database = cpu_of(worker.pids) - cpu, cpu_of_tree(postgres) - database
    return cpu / number * 1000, database / number * 1000, seconds


def latency(bench: Bench) -> list[Row]:
    """The longer an answer takes, the more exchanges are in flight, up to the limit."""
    found = []
    for milliseconds in (5, 100, 1000):
        with running(bench, latency_ms=milliseconds) as (around, worker):
            found.append(told({"latency_ms": milliseconds, **rounds(bench, around, worker)}))
    return found
