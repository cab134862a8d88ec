"""The rights on Kafka that each kind of login needs, and nothing beyond them. Policy only.

The one source of the access rules: `deploy/` grants them, and tests hold its files to this table. Where Kafka derives
Describe from Read or Write, it is not listed. No right on the cluster is needed: since Kafka 3.0 the right to write to
a topic includes the idempotent producer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.pipeline.routing import Routing


class Role(StrEnum):
    """Who logs in. Each is a login of its own, so that none has the rights of another."""

    WORKER = "worker"
    """`herald worker`, and what it checks before it starts. One login for each system."""
    OPERATOR = "operator"
    """The commands that people run, such as `herald status`, `dead-letters replay` and `journal reconcile`."""
    SCALER = "scaler"
    """Whatever watches the lag: KEDA, an exporter of metrics."""
    TOPIC_CREATOR = "topic-creator"
    """`herald topics create`, where no operator of Kubernetes creates the topics."""
    RECEIVER = "receiver"
    """`herald receiver`, or a worker that receives: it publishes what systems state in their calls."""
    HOSPITAL = "hospital"
    """A hospital's software: it publishes events and reads replies."""


class Resource(StrEnum):
    """What a right is about."""

    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """What may be done, by Kafka's names."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"


class Target(StrEnum):
    """Which topics or group of a system."""

    SUBMISSIONS = "submissions"
    REPLIES = "replies"
    """The topics of results and of errors, those of `reply_routes` too."""
    DEAD_LETTERS = "dead-letters"
    NOTIFICATIONS = "notifications"
    """Of a system that states something on its own; other systems have no such topic."""
    NEWS = "news"
    """The topics of notifications on which the system's workers publish: its own, or those of other systems."""
    WORKERS_GROUP = "workers-group"
    """The workers' consumer group of the system."""
    OWN_GROUP = "own-group"
    """The consumer group that the login's owner has chosen."""


@immutable
class Need:
    """A row of the table: a role needs these operations on these targets."""

    role: Role
    target: Target
    operations: tuple[Operation, ...]
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """An access rule as Kafka has it: allow these operations on the resource of exactly this name, from any host."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]


NEEDS = (
    Need(
        Role.WORKER,
        Target.SUBMISSIONS,
        (Operation.READ,),
        "fetches records, asks for the first and last offset, and commits",
    ),
    Need(
        Role.WORKER, Target.WORKERS_GROUP, (Operation.READ,), "joins its consumer group and commits offsets"
    ),
    Need(Role.WORKER, Target.REPLIES, (Operation.WRITE,), "publishes replies"),
    Need(Role.WORKER, Target.DEAD_LETTERS, (Operation.WRITE,), "publishes dead letters"),
    Need(
        Role.WORKER,
        Target.NEWS,
        (Operation.WRITE,),
        "publishes what its looks and accepted answers show, where they show anything",
    ),
    Need(
        Role.OPERATOR,
        Target.SUBMISSIONS,
        (Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS),
        "a reconciliation reads what was submitted; a replay publishes the original record again; pruning asks how"
        " long records are kept; the topics are compared with the plan",
    ),
    Need(
        Role.OPERATOR,
        Target.REPLIES,
        (Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS),
        "a reconciliation reads what was answered; a settlement publishes its reply; the topics are compared with"
        " the plan",
    ),
    Need(
        Role.OPERATOR,
        Target.DEAD_LETTERS,
        (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS),
        "the topic is compared with the plan",
    ),
    Need(
        Role.OPERATOR,
        Target.WORKERS_GROUP,
        (Operation.DESCRIBE,),
        "the status asks how far the workers have read; a reconciliation also whether any runs",
    ),
    Need(
        Role.SCALER, Target.SUBMISSIONS, (Operation.DESCRIBE,), "asks for the last offset of each partition"
    ),
    Need(Role.SCALER, Target.WORKERS_GROUP, (Operation.DESCRIBE,), "asks for the committed offsets"),
    *(
        Need(
            Role.TOPIC_CREATOR,
            target,
            (Operation.CREATE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS),
            "creates what is missing, and compares what exists with the plan",
        )
        for target in (
            Target.SUBMISSIONS,
            Target.REPLIES,
            Target.DEAD_LETTERS,
            Target.NOTIFICATIONS,
            Target.NEWS,
        )
    ),
    Need(Role.RECEIVER, Target.NOTIFICATIONS, (Operation.WRITE,), "publishes notifications"),
    *(
        Need(
            Role.OPERATOR,
            target,
            (Operation.READ, Operation.DESCRIBE_CONFIGS),
            "`herald watch --notifications` shows them; the topic is compared with the plan",
        )
        for target in (Target.NOTIFICATIONS, Target.NEWS)
    ),
    Need(Role.HOSPITAL, Target.SUBMISSIONS, (Operation.WRITE,), "publishes events"),
    Need(Role.HOSPITAL, Target.REPLIES, (Operation.READ,), "reads replies"),
    Need(Role.HOSPITAL, Target.NOTIFICATIONS, (Operation.READ,), "reads notifications"),
    Need(Role.HOSPITAL, Target.NEWS, (Operation.READ,), "reads notifications"),
    Need(Role.HOSPITAL, Target.OWN_GROUP, (Operation.READ,), "commits how far it has read the replies"),
)


def rights_of(
    role: Role,
    routing: Routing,
    *,
    workers_group: str,
    sources: Iterable[str] = (),
    own_group: str | None = None,
) -> tuple[Right, ...]:
    """Return the access rules of a role for one system, sorted.

    ``sources`` are those that a hospital's events state: it gets the topics of these, and no other hospital's.
    ``own_group``: of a hospital that uses a group.
    """
    if role is Role.HOSPITAL:
        routing = routing.of_sources(sources)
    groups = {Target.WORKERS_GROUP: workers_group, Target.OWN_GROUP: own_group}
    topics = {
        Target.SUBMISSIONS: routing.submissions,
        Target.REPLIES: routing.replies,
        Target.DEAD_LETTERS: (routing.dead_letters,),
        Target.NOTIFICATIONS: () if routing.notifications is None else (routing.notifications,),
        Target.NEWS: tuple(topic for _, topic in routing.news),
    }
    rights: set[Right] = set()
    for need in (one for one in NEEDS if one.role is role):
        rights |= {Right(Resource.TOPIC, name, need.operations) for name in topics.get(need.target, ())}
        if group := groups.get(need.target):
            rights.add(Right(Resource.GROUP, group, need.operations))
    return tuple(sorted(rights))
