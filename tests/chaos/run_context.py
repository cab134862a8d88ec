"""Everything that a run consists of, for the faults that change it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.chaos.egov.running import Egov
from tests.chaos.letters.running import Letters
from tests.chaos.producer import Producer
from tests.chaos.signing import Signing
from tests.chaos.workers import Workers
from tests.support.kafka.cluster import Cluster
from tests.support.postgres.proxy import PgProxy
from tests.support.postgres.server import PgServer
from tests.support.worker.hospital import Patient
from tests.support.worker.installation import Installation, SystemInstallation

EXTRA = 4
"""Registrations beside the plan at each occasion."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets of a partition from ``start`` up to ``end``, which is still there."""

    partition: int
    start: int
    end: int


@dataclass(frozen=True)
class RunContext:
    """The servers, the workers, the producer; and a count of each fault that took effect."""

    installation: Installation
    cluster: Cluster
    postgres: PgServer
    proxy: PgProxy
    signing: Signing
    workers: Workers
    producer: Producer
    egov: Egov
    letters: Letters
    patients: tuple[Patient, ...]
    chance: Random
    worker_count: int
    lease_seconds: float
    """The longest time that a worker may be silent: the journal's lease, and the group's session."""
    faults: Counter[str] = field(default_factory=Counter)
    in_progress: set[str] = field(default_factory=set)
    """The faults that have begun and not ended. A lane has one at a time; no two lanes share a kind."""
    rewinds: list[float] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    """Whose submissions a flood of dead letters stopped, until the operator let them go on."""
    gaps: list[Gap] = field(default_factory=list)
    """What Kafka deleted before it was read."""

    @property
    def installations(self) -> tuple[SystemInstallation, ...]:
        """Every system that the workers serve."""
        return self.installation, *self.egov.installation.systems, *self.letters.installation.systems

    async def occasion(self) -> None:
        """Publish a few more records, once the plan is published, so that a waiting fault is met."""
        if self.producer.published:
            await self.producer.publish_more(EXTRA)

    def all_faults(self) -> Counter[str]:
        """Return every fault with its count, the crashes of workers and receivers included."""
        return self.faults + self.workers.faults + self.egov.receivers.faults
