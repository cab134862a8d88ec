"""One round of each contestant: what it costs, how fast it is, how long its answers take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.bench.contest.contestants import Contestant
from tests.bench.footprint import cpu_of_tree
from tests.bench.worker import cpu_seconds
from tests.support.worker.hospital import Event

SIGNATURES = 500
TAIL_SECONDS = 0.5
"""After the last reply a worker still commits offsets and closes its books: that belongs to the round."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A round's result: CPU milliseconds of a submission, in worker and in PostgreSQL, and submissions per second."""

    worker_ms: float
    postgres_ms: float
    per_second: float


def floor_ms(key: RSAPrivateKey) -> float:
    """Return the CPU milliseconds of one RSA-2048 signature."""
    began = time.process_time()
    for _ in range(SIGNATURES):
        key.sign(b"x" * 500, PKCS1v15(), SHA256())
    return (time.process_time() - began) / SIGNATURES * 1000


def cost(contestant: Contestant, events: Sequence[Event], postgres: int) -> Cost:
    """Let a worker answer as fast as it can. ``postgres``: the process of the server, parent of all its others."""
    contestant.hospital.forget()
    cpu, database = cpu_of(contestant.pids), cpu_of_tree(postgres)
    seconds = contestant.hospital.submit(events)
    time.sleep(TAIL_SECONDS)
    cpu, database = cpu_of(contestant.pids) - cpu, cpu_of_tree(postgres) - database
    number = len(events)
    return Cost(cpu / number * 1000, database / number * 1000, number / seconds)


def cpu_of(pids: Iterable[int]) -> float:
    """Return the CPU seconds of these processes together."""
    return sum(cpu_seconds(pid) for pid in pids)


def latencies(contestant: Contestant, events: Sequence[Event], per_second: float) -> list[float]:
    """Return the seconds to each reply at this rate."""
    contestant.hospital.forget()
    return contestant.hospital.pace(events, per_second)
