"""How far a consumer group is behind, asked of Kafka without joining the group and without reading a record."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from contracts.immutable import immutable
from worker.kafka.clients import connection_arguments
from worker.kafka.topics import administration, existing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from aiokafka.admin import AIOKafkaAdminClient

    from worker.kafka.settings import KafkaSettings

PAUSE = 0.2
DEADLINE = 15.0
"""Seconds for all questions together."""


@immutable
class Lag:
    """What a group has still to read of a topic. ``behind`` counts offsets: markers of transactions are among them.

    ``unread``: partitions with records, of which the group has committed no offset. A topic that is missing has no
    partitions.
    """

    topic: str
    group: str
    partitions: int
    behind: int
    unread: int


@immutable
class _Log:
    """The first offset of a partition, and the one after its last."""

    start: int
    end: int


def total(several: Sequence[Lag]) -> Lag:
    """Return what a group has still to read of its topics together; there is at least one."""
    return Lag(
        ", ".join(one.topic for one in several),
        several[0].group,
        sum(one.partitions for one in several),
        sum(one.behind for one in several),
        sum(one.unread for one in several),
    )


async def lags(settings: KafkaSettings, groups: Mapping[str, str]) -> tuple[Lag, ...]:
    """Return how far each group is behind in its topic; ``groups`` is by topic. Raises KafkaError, TimeoutError."""
    async with asyncio.timeout(DEADLINE), administration(settings) as client:
        found = await existing(client, list(groups), config=False)
        partitions = {
            topic: [TopicPartition(topic, number) for number in range(state.partitions)]
            for topic, state in found.items()
        }
        logs = await _logs(settings, [one for several in partitions.values() for one in several])
        told = []
        for topic, group in groups.items():
            read = await _read(client, group, partitions.get(topic, []))
            told.append(_lag(topic, group, read, logs))
        return tuple(told)


async def committed(settings: KafkaSettings, topic: str, group: str) -> dict[int, int]:
    """Return up to where a group has committed each partition that it has read. Raises as `lags` does."""
    async with asyncio.timeout(DEADLINE), administration(settings) as client:
        found = await existing(client, [topic], config=False)
        count = found[topic].partitions if topic in found else 0
        read = await _read(client, group, [TopicPartition(topic, number) for number in range(count)])
    return {one.partition: offset for one, offset in read.items() if offset >= 0}


def _lag(
    topic: str, group: str, read: Mapping[TopicPartition, int], logs: Mapping[TopicPartition, _Log]
) -> Lag:
    behind = sum(logs[one].end - max(offset, logs[one].start) for one, offset in read.items())
    unread = sum(offset < 0 and logs[one].end > logs[one].start for one, offset in read.items())
    return Lag(topic, group, len(read), max(0, behind), unread)


async def _read(
    client: AIOKafkaAdminClient, group: str, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    """Return the offset that the group has committed of each partition, a negative one where it has none."""
    if not partitions:
        return {}
    while True:  # within the deadline: a new cluster has to make the topic of offsets first
        try:
            return await _told(client, group, partitions)
        except GroupAuthorizationFailedError:
            raise GroupAuthorizationFailedError(group) from None
        except KafkaError as error:
            if not error.retriable:
                raise
            await asyncio.sleep(PAUSE)


async def _told(
    client: AIOKafkaAdminClient, group: str, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    """Ask the group's coordinator once. Raises KafkaError.

    aiokafka's own method passes over the error of the whole answer, and then tells of fewer partitions: a coordinator
    that is still loading the group looked like a right that is missing.
    """
    coordinator = await client.find_coordinator(group)
    wanted: dict[str, list[int]] = defaultdict(list)
    for one in partitions:
        wanted[one.topic].append(one.partition)
    request = OffsetFetchRequest(group, list(wanted.items()))
    answer = await client._send_request(request, coordinator)  # noqa: SLF001
    if code := getattr(answer, "error_code", 0):  # version 1 has none: it says the same of each partition
        raise for_code(code)
    told = {}
    for topic, several in answer.topics:
        for partition, offset, _, code in several:
            if code:
                raise for_code(code)({topic})
            told[TopicPartition(topic, partition)] = offset
    return told


async def _logs(settings: KafkaSettings, partitions: list[TopicPartition]) -> dict[TopicPartition, _Log]:
    if not partitions:
        return {}
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **connection_arguments(settings))
    try:
        await consumer.start()
        starts, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        return {one: _Log(starts[one], ends[one]) for one in partitions}
    finally:
        await consumer.stop()
