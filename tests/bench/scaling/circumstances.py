"""What may change around the same submission: workers, Kafka keys, signers, and how long NHIS takes."""

from __future__ import annotations

from tests.bench.scaling.case import Bench, Row, rounds, running, told


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


def latency(bench: Bench) -> list[Row]:
    """The longer an answer takes, the more exchanges are in flight, up to the limit."""
    found = []
    for milliseconds in (5, 100, 1000):
        with running(bench, latency_ms=milliseconds) as (around, worker):
            found.append(told({"latency_ms": milliseconds, **rounds(bench, around, worker)}))
    return found
