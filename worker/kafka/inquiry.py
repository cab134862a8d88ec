"""Asks brokers about the cluster, without a client that repeats, hides or logs what is wrong."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import ApiVersionRequest, DescribeConfigsRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest

from worker.kafka.clients import connection_arguments
from worker.kafka.cluster_state import BrokerAddress, ClusterFacts, TopicFacts, operations_in
from worker.kafka.errors import NoConnection, sentence
from worker.kafka.group_rights import DescribeGroup
from worker.kafka.metadata import METADATA, Metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from aiokafka.conn import AIOKafkaConnection

    from worker.kafka.rights import Operation
    from worker.kafka.settings import KafkaSettings

_TOPIC = 2
"""The kind of a resource whose settings are asked for."""
OLDEST_METADATA = 10
"""The version of the request for metadata that Herald sends: Kafka 2.8 and later know it."""


@asynccontextmanager
async def connected(
    settings: KafkaSettings, host: str, port: int, *, seconds: float
) -> AsyncIterator[AIOKafkaConnection]:
    """Lend a connection to one address, logged in. Raises KafkaError, OSError, TimeoutError."""
    given = connection_arguments(settings)
    del given["bootstrap_servers"]
    connection = await create_conn(host, port, request_timeout_ms=round(seconds * 1000), **given)
    try:
        yield connection
    finally:
        connection.close()


@asynccontextmanager
async def any_broker(settings: KafkaSettings, *, seconds: float) -> AsyncIterator[AIOKafkaConnection]:
    """Lend a connection to the first of the settings' addresses that works. Raises NoConnection with why none does."""
    why: dict[str, str] = {}
    share = seconds / len(settings.bootstrap_servers)
    for server in settings.bootstrap_servers:
        host, port = _split(server)
        context = connected(settings, host, port, seconds=share)
        try:
            connection = await context.__aenter__()
        except (KafkaError, OSError) as error:  # TimeoutError is an OSError
            why[server] = sentence(error)
            continue
        try:
            yield connection
        finally:
            await context.__aexit__(None, None, None)
        return
    raise NoConnection("; ".join(f"{server}: {told}" for server, told in why.items()))


async def try_broker(settings: KafkaSettings, broker: BrokerAddress, *, seconds: float) -> None:
    """Connect to the address that a broker tells clients. Raises KafkaError, OSError, TimeoutError."""
    async with connected(settings, broker.host, broker.port, seconds=seconds):
        pass


async def describe_cluster(connection: AIOKafkaConnection, topics: Sequence[str]) -> ClusterFacts:
    """Return the cluster with these topics; a topic's settings stay unknown. Raises KafkaError.

    Where Kafka is too old for the request, the brokers and topics are left empty: `versions` shows it.
    """
    answered_by = f"{connection.host}:{connection.port}"
    told = await connection.send(ApiVersionRequest())
    versions = {key: newest for key, _, newest in told.api_versions}
    if versions.get(METADATA, 0) < OLDEST_METADATA:
        return ClusterFacts(None, answered_by, (), versions)
    found = await connection.send(Metadata(topics, authorized=True))
    brokers = tuple(BrokerAddress(node, host, port) for node, host, port, *_ in found.brokers)
    described = {one[1]: _topic(*one) for one in found.topics}
    return ClusterFacts(found.cluster_id, answered_by, brokers, versions, described)


def _topic(
    code: int, name: str, _: object, __: object, partitions: Sequence[Any], operations: int, *___: object
) -> TopicFacts:
    if code:
        return TopicFacts(name, error=for_code(code).__name__)
    return TopicFacts(
        name,
        partitions=len(partitions),
        replicas=min((len(one[4]) for one in partitions), default=0),
        in_sync=min((len(one[5]) for one in partitions), default=0),
        leaderless=sum(one[2] < 0 for one in partitions),
        allowed=operations_in(operations),
    )


async def topic_settings(
    connection: AIOKafkaConnection, topics: Sequence[str]
) -> dict[str, Mapping[str, str]]:
    """Return the settings of those of these topics whose settings this login may read. Raises KafkaError."""
    if not topics:
        return {}
    answer = await connection.send(DescribeConfigsRequest([(_TOPIC, name, None) for name in topics]))
    return {
        name: {entry[0]: entry[1] for entry in entries if entry[1] is not None}
        for code, _, _, name, entries in answer.resources
        if not code
    }


async def coordinator(connection: AIOKafkaConnection, group: str) -> tuple[str, int]:
    """Return the address of the broker that coordinates a consumer group. Raises KafkaError."""
    answer = await connection.send(FindCoordinatorRequest(group, 0))
    if answer.error_code:
        raise for_code(answer.error_code)(group)
    return answer.host, answer.port


async def group_operations(connection: AIOKafkaConnection, group: str) -> frozenset[Operation] | None:
    """Ask a group's coordinator what this login may do with it; None where Kafka does not tell. Raises KafkaError.

    A group that does not exist yet counts: what is granted to its name is told.
    """
    answer = await connection.send(DescribeGroup(group))
    ((code, *_, operations),) = answer.groups
    if code:
        raise for_code(code)(group)
    return operations_in(operations)


def _split(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
