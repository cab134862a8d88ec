"""The topics that Herald needs, their settings and why, and what of it a topic that exists lacks. Policy only.

docs/topics.md states the same table for people; `tests/docs` holds the two together.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.counted import counted
from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.kafka.settings import KafkaSettings
    from worker.pipeline.routing import Routing

PARTITIONS = 12
REPLICATION = 3
ROOM = 64 * 1024
"""Bytes of a record besides the value: key, headers, framing."""
_DAY = 24 * 60 * 60 * 1000

# Deleted by age and never compacted: a key is a patient, and compaction keeps one record of each.
_COMMON = MappingProxyType(
    {
        "cleanup.policy": "delete",
        # As the producer compressed it: no broker has to compress again.
        "compression.type": "producer",
        # A replica that lacks acknowledged records never leads: it would lose them.
        "unclean.leader.election.enable": "false",
    }
)
SUBMISSIONS = MappingProxyType(
    {
        # Longer than any outage, holidays included: a record that is deleted before it is read is lost.
        "retention.ms": str(14 * _DAY),
        # By the broker's clock: a sender whose clock is wrong would have its records deleted at once, or never.
        "message.timestamp.type": "LogAppendTime",
    }
)
REPLIES = MappingProxyType({"retention.ms": str(30 * _DAY)})
DEAD_LETTERS = MappingProxyType({"retention.ms": str(30 * _DAY)})
NOTIFICATIONS = MappingProxyType({"retention.ms": str(30 * _DAY)})


@immutable
class TopicSpec:
    """A topic as it should be. ``config`` is by Kafka's own names of a topic's settings."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@immutable
class TopicState:
    """A topic as it is. ``replication`` is the smallest of its partitions."""

    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)


def wanted_topics(
    kafka: KafkaSettings,
    routings: Iterable[Routing],
    *,
    partitions: int = PARTITIONS,
    replication: int = REPLICATION,
) -> tuple[TopicSpec, ...]:
    """Return the topics of these systems, those of `reply_routes` too, each once."""
    common = {**_COMMON, "min.insync.replicas": str(min(2, max(1, replication - 1)))}
    taken, replied = int(kafka.max_event_bytes) + ROOM, int(kafka.max_reply_bytes) + ROOM
    kinds = []
    for routing in routings:
        kinds += [(topic, SUBMISSIONS, taken) for topic in routing.submissions]
        kinds += [(topic, REPLIES, replied) for topic in routing.written if topic != routing.dead_letters]
        # The record as it came, and Herald's headers beside its own.
        kinds.append((routing.dead_letters, DEAD_LETTERS, taken + ROOM))
        kinds += [(topic, NOTIFICATIONS, replied) for topic in routing.stated]
    specs = (
        TopicSpec(name, partitions, replication, {**common, **own, "max.message.bytes": str(largest)})
        for name, own, largest in kinds
    )
    return tuple({spec.name: spec for spec in specs}.values())


def differences(spec: TopicSpec, state: TopicState) -> tuple[str, ...]:
    """Return how an existing topic differs from the plan; what Kafka does not report is no difference."""
    told = []
    if state.partitions != spec.partitions:
        told.append(f"it has {counted(state.partitions, 'partition')}, not {spec.partitions}")
    if state.replication != spec.replication:
        told.append(f"it has {counted(state.replication, 'replica')}, not {spec.replication}")
    told += [
        f"{name} is {state.config[name]}, not {value}"
        for name, value in spec.config.items()
        if name in state.config and state.config[name] != value
    ]
    return tuple(told)
