"""A group's committed offsets, each with the id of the topic that it belongs to, in the metadata that Kafka keeps.

aiokafka returns the metadata from its coordinator only; a unit test holds the installed version to that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiokafka.consumer.group_coordinator import UNKNOWN_OFFSET
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from aiokafka.structs import OffsetAndMetadata

from worker.pipeline.ports import Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka import AIOKafkaConsumer, TopicPartition

MARK = "herald topic="
NOTHING = OffsetAndMetadata(UNKNOWN_OFFSET, "")
"""What aiokafka takes for a partition of which the group has committed nothing."""
ANSWER_SECONDS = 5.0
"""While Kafka is unavailable, its client asks again without end, and polls wait for it."""


async def committed_positions(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, Position]:
    """Return what the group has committed of these partitions. Raises KafkaError, TimeoutError.

    Of these: TopicAuthorizationFailedError where Kafka refuses one of the topics.
    """
    coordinator = consumer._coordinator  # noqa: SLF001
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            found: Mapping[TopicPartition, Any] = await coordinator.fetch_committed_offsets(list(partitions))
    except KafkaError as error:
        if _refuses_topic(error):
            raise TopicAuthorizationFailedError({one.topic for one in partitions}) from None
        raise
    return {one: Position(told.offset, _topic_id(told.metadata)) for one, told in found.items()}


async def commit_positions(consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, Position]) -> None:
    """Commit these offsets. Raises KafkaError, IllegalStateError, ValueError."""
    await consumer.commit({one: (of.next_offset, _metadata(of.topic_id)) for one, of in positions.items()})


def refresh_by_topic(consumer: AIOKafkaConsumer) -> None:
    """Let the consumer ask for the offsets at which it begins topic by topic.

    aiokafka asks for all at once, and where Kafka refuses one topic, the task that asks ends with a bare KafkaError:
    from then on no partition's offset becomes known, and every poll fails. A refused topic has no offset here, so that
    a poll of it asks to go to where reading begins, which is tried again until the right is granted.
    """
    coordinator = consumer._coordinator  # noqa: SLF001

    async def refresh(assignment: Any) -> bool:
        asked = sorted(assignment.requesting_committed())
        for topic in dict.fromkeys(one.topic for one in asked):
            partitions = [one for one in asked if one.topic == topic]
            try:
                found = await coordinator._do_fetch_commit_offsets(partitions)  # noqa: SLF001
            except KafkaError as error:
                if error.retriable:
                    return False
                if not _refuses_topic(error):
                    raise
                found = {}
            for one in partitions:
                assignment.state_value(one).update_committed(found.get(one, NOTHING))
        return True

    coordinator._maybe_refresh_commit_offsets = refresh  # noqa: SLF001


def _refuses_topic(error: Exception) -> bool:
    """Tell whether this is how aiokafka reports that it may not ask for a topic's offsets: in words alone."""
    return TopicAuthorizationFailedError.__name__ in str(error)


def _metadata(topic_id: str | None) -> str:
    return f"{MARK}{topic_id}" if topic_id else ""


def _topic_id(metadata: str | None) -> str | None:
    return metadata.removeprefix(MARK) if metadata and metadata.startswith(MARK) else None
