"""The ends of partitions, asked topic by topic: one that Kafka refuses costs its own figures, and no others."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aiokafka import AIOKafkaConsumer, TopicPartition


async def partition_ends(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition], seconds: float
) -> dict[TopicPartition, int]:
    """Return the ends of those of these partitions that Kafka tells within some seconds.

    aiokafka answers for all partitions or for none, and asks on for a topic that it cannot see. Raises KafkaError or
    TimeoutError where nothing is told of any topic.
    """
    topics = [list(few) for _, few in groupby(sorted(partitions), key=lambda one: one.topic)]

    async def ends(few: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        async with asyncio.timeout(seconds):
            found: Mapping[TopicPartition, int] = await consumer.end_offsets(few)
            return found

    asked = (ends(few) for few in topics)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    failed = [one for one in answers if isinstance(one, BaseException)]
    for error in failed:
        if len(failed) == len(answers) or not isinstance(error, KafkaError | TimeoutError):
            raise error
    told: list[Mapping[TopicPartition, int]] = [one for one in answers if not isinstance(one, BaseException)]
    return {partition: end for ends in told for partition, end in ends.items()}
