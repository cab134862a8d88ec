"""What a cluster says of itself, its topics and a login's rights. Facts only; `admin.preflight` judges them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.kafka.rights import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_TOLD = -(2**31)
"""Kafka's value for authorised operations that it does not tell."""


_BITS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}
"""The bit that stands for each operation (KIP-430): its code among Kafka's operations of access control."""


def operations_in(bits: int) -> frozenset[Operation] | None:
    """Return the operations that the bits stand for, or None where Kafka does not tell."""
    if bits == NOT_TOLD:
        return None
    return frozenset(one for one, bit in _BITS.items() if bits >> bit & 1)


@immutable
class BrokerAddress:
    """A broker, and the address that it tells clients to use."""

    node: int
    host: str
    port: int

    @property
    def told(self) -> str:
        """The address as people write it."""
        return f"{self.host}:{self.port}"


@immutable
class TopicFacts:
    """A topic as the cluster describes it.

    ``error`` is the name of Kafka's error where it describes none. ``replicas`` and ``in_sync`` are the smallest
    numbers of its partitions, ``leaderless`` counts the partitions without a leader. ``allowed`` is None where Kafka
    does not tell what this login may do. ``config`` is by Kafka's names of a topic's settings, None where it was not
    told.
    """

    name: str
    error: str | None = None
    partitions: int = 0
    replicas: int = 0
    in_sync: int = 0
    leaderless: int = 0
    allowed: frozenset[Operation] | None = None
    config: Mapping[str, str] | None = None


@immutable
class ClusterFacts:
    """A cluster as one broker describes it. ``versions`` are the newest versions of Kafka's requests, by their keys."""

    cluster_id: str | None
    answered_by: str
    brokers: tuple[BrokerAddress, ...]
    versions: Mapping[int, int]
    topics: Mapping[str, TopicFacts] = field(default_factory=dict)
