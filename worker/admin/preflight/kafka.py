"""Checks against Kafka: nothing is written, read or joined."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    KafkaError,
    NotCoordinatorError,
)

from worker.admin.preflight import kafka_policy, topic_policy
from worker.admin.preflight.findings import Check, Finding, fail
from worker.admin.preflight.shared import Shared
from worker.admin.preflight.topic_policy import Kind, Topic
from worker.kafka.cluster_state import TopicFacts
from worker.kafka.errors import sentence
from worker.kafka.inquiry import (
    any_broker,
    connected,
    coordinator,
    describe_cluster,
    group_operations,
    topic_settings,
    try_broker,
)
from worker.kafka.rights import Operation, Resource, Role, rights_of
from worker.kafka.topic_plan import wanted_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worker.kafka.cluster_state import BrokerAddress, ClusterFacts
    from worker.kafka.rights import Right
    from worker.pipeline.routing import Routing
    from worker.settings.model import Settings

CONNECT = "kafka.connect"
PAUSE = 0.2
_MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)

# The id's last part, the rule, what is said where all is well, and whether it needs the topics' settings.
_RULES: tuple[tuple[str, Callable[..., Finding | None], str, bool], ...] = (
    ("leaders", topic_policy.leaders, "all partitions have a leader and all replicas are in sync", False),
    ("partitions", topic_policy.partitions, "submissions have more than one partition", False),
    ("replication", topic_policy.replication, "each record is on three brokers or more", False),
    ("min-insync", topic_policy.min_in_sync, "an acknowledged record is on two brokers or more", True),
    ("leader-election", topic_policy.leader_election, "a replica that lacks records never leads", True),
    ("cleanup", topic_policy.cleanup, "no topic is compacted", True),
    ("retention", topic_policy.retention, "records stay as long as planned", True),
    ("timestamps", topic_policy.timestamps, "submissions age by the broker's clock", True),
    ("max-message", topic_policy.largest, "the largest records fit", True),
)


class KafkaChecks:
    """The checks of one cluster. ``seconds``: the longest time for what several checks need."""

    def __init__(self, settings: Settings, *, test: bool, seconds: float) -> None:
        self._settings = settings
        self._test = test
        self._seconds = seconds
        self.cluster = Shared(CONNECT, self._describe, seconds=seconds)
        self._kinds = dict(_kinds(settings))
        routings = [_routing_of(settings, name) for name in settings.systems.configured()]
        self._wanted = {one.name: one for one in wanted_topics(settings.kafka, routings)}

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        return [
            Check(CONNECT, self._connect, awaited=True),
            Check("kafka.advertised-addresses", self._advertised, awaited=True),
            Check("kafka.versions", self._versions),
            Check("kafka.topics.exist", self._exist, awaited=True),
            *(
                Check(f"kafka.topics.{name}", partial(self._topics, rule, well, needs_settings=needs))
                for name, rule, well, needs in _RULES
            ),
            Check("kafka.rights.topics", self._topic_rights),
            Check("kafka.rights.groups", self._group_rights),
        ]

    async def _describe(self) -> ClusterFacts:
        names = list(self._wanted)
        async with any_broker(self._settings.kafka, seconds=self._seconds / 2) as connection:
            cluster = await describe_cluster(connection, names)
            there = [name for name in names if cluster.topics[name].error is None] if cluster.topics else []
            settings = await topic_settings(connection, there)
        topics = {name: replace(facts, config=settings.get(name)) for name, facts in cluster.topics.items()}
        return replace(cluster, topics=topics)

    async def _connect(self) -> Iterable[Finding]:
        try:
            return kafka_policy.reachable(await self.cluster.get())
        except (KafkaError, OSError) as error:
            step = "Check kafka.bootstrap_servers and kafka.security, and that Kafka runs."
            return [fail(f"Kafka cannot be used: {sentence(error)}", step)]

    async def _advertised(self) -> Iterable[Finding]:
        brokers = (await self.cluster.needed()).brokers
        wrong = dict(await asyncio.gather(*map(self._try, brokers)))
        found = {node: why for node, why in wrong.items() if why is not None}
        return kafka_policy.advertised(brokers, found, self._settings.kafka.bootstrap_servers)

    async def _try(self, broker: BrokerAddress) -> tuple[int, str | None]:
        try:
            async with asyncio.timeout(self._seconds):
                await try_broker(self._settings.kafka, broker, seconds=self._seconds)
        except (KafkaError, OSError) as error:
            return broker.node, sentence(error)
        return broker.node, None

    async def _versions(self) -> Iterable[Finding]:
        return kafka_policy.versions(await self.cluster.needed())

    async def _exist(self) -> Iterable[Finding]:
        return topic_policy.existence(await self.topics())

    async def _topics(
        self, rule: Callable[..., Finding | None], all_well: str, *, needs_settings: bool
    ) -> Iterable[Finding]:
        topics = await self.topics()
        return topic_policy.judged(topics, rule, all_well, test=self._test, needs_settings=needs_settings)

    async def topics(self) -> list[Topic]:
        """Return the topics that Herald needs, as they are. Raises NotAsked."""
        cluster = await self.cluster.needed()
        unknown = "UnsupportedVersionError"
        return [
            Topic(
                self._kinds[name],
                spec,
                cluster.topics.get(name, TopicFacts(name, error=unknown)),
                self._server,
            )
            for name, spec in self._wanted.items()
        ]

    async def _topic_rights(self) -> Iterable[Finding]:
        needed = [one for one in self._rights() if one.resource is Resource.TOPIC]
        allowed = {one.name: one.found.allowed for one in await self.topics() if one.there}
        return kafka_policy.rights(needed, allowed, self._principal, self._server)

    async def _group_rights(self) -> Iterable[Finding]:
        needed = [one for one in self._rights() if one.resource is Resource.GROUP]
        await self.cluster.needed()
        allowed: dict[str, frozenset[Operation] | None] = {}
        unread: list[Finding] = []
        for right in needed:
            try:
                allowed[right.name] = await self._group(right.name)
            except GroupAuthorizationFailedError:
                allowed[right.name] = frozenset()
            except (KafkaError, OSError) as error:
                unread.append(kafka_policy.group_refused(right.name, sentence(error)))
        return [
            *unread,
            *(kafka_policy.rights(needed, allowed, self._principal, self._server) if allowed else ()),
        ]

    async def _group(self, group: str) -> frozenset[Operation] | None:
        """Ask the group's coordinator. A new cluster makes its topic of offsets first: wait for it."""
        while True:  # within the check's deadline
            try:
                return await self._ask_coordinator(group)
            except _MOVING:
                await asyncio.sleep(PAUSE)

    async def _ask_coordinator(self, group: str) -> frozenset[Operation] | None:
        async with any_broker(self._settings.kafka, seconds=self._seconds / 2) as connection:
            host, port = await coordinator(connection, group)
        async with connected(self._settings.kafka, host, port, seconds=self._seconds) as connection:
            return await group_operations(connection, group)

    def _rights(self) -> list[Right]:
        return [
            right
            for name in self._settings.systems.configured()
            for role in (Role.WORKER, Role.RECEIVER)
            for right in rights_of(
                role,
                _routing_of(self._settings, name),
                workers_group=self._settings.intake.group_of(name),
            )
        ]

    @property
    def _server(self) -> str:
        """An address for the commands of next steps."""
        return self._settings.kafka.bootstrap_servers[0]

    @property
    def _principal(self) -> str:
        """The name of this login in Kafka's ACLs, as far as the settings tell."""
        security = self._settings.kafka.security
        return security.username or ("NAME" if security.cert_file else "ANONYMOUS")


def _routing_of(settings: Settings, system: str) -> Routing:
    """Return the topics of a worker; its system's notifications only where it publishes them."""
    routing, receiver = settings.routing_of(system), settings.receiver
    receives = receiver is not None and receiver.in_worker and system in receiver.routes
    return routing if receives else replace(routing, notifications=None)


def _kinds(settings: Settings) -> Iterable[tuple[str, Kind]]:
    for name in settings.systems.configured():
        routing = _routing_of(settings, name)
        yield from ((topic, Kind.NOTIFICATIONS) for topic in routing.stated)
        yield from ((topic, Kind.REPLIES) for topic in routing.replies)
        yield routing.dead_letters, Kind.DEAD_LETTERS
        yield from ((topic, Kind.SUBMISSIONS) for topic in routing.submissions)
