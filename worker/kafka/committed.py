"""A group's committed offsets, each with the id of the topic that it belongs to, in the metadata that Kafka keeps.

aiokafka returns the metadata from its coordinator only; a unit test holds the installed version to that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from worker.pipeline.ports import Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka import AIOKafkaConsumer, TopicPartition

MARK = "herald topic="
ANSWER_SECONDS = 5.0
"""While Kafka is unavailable, its client asks again without end, and polls wait for it."""


async def committed_positions(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, Position]:
    """Return what the group has committed of these partitions. Raises KafkaError, TimeoutError."""
    async with asyncio.timeout(ANSWER_SECONDS):
        found: Mapping[TopicPartition, Any] = await consumer._coordinator.fetch_committed_offsets(  # noqa: SLF001
            list(partitions)
        )
    return {one: Position(told.offset, _topic_id(told.metadata)) for one, told in found.items()}


async def commit_positions(consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, Position]) -> None:
    """Commit these offsets. Raises KafkaError, IllegalStateError, ValueError."""
    await consumer.commit({one: (of.next_offset, _metadata(of.topic_id)) for one, of in positions.items()})


def _metadata(topic_id: str | None) -> str:
    return f"{MARK}{topic_id}" if topic_id else ""


def _topic_id(metadata: str | None) -> str | None:
    return metadata.removeprefix(MARK) if metadata and metadata.startswith(MARK) else None
