"""Whether records bear a time that has not come yet: the one sign of another clock that Kafka shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.kafka.clients import connection_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.kafka.settings import KafkaSettings

_THOUSAND = 1000


async def stamped_after(
    settings: KafkaSettings, topics: Mapping[str, int], moment: datetime
) -> dict[str, datetime]:
    """Return the latest time found of a record after the moment, by topic; nothing of topics without such a record.

    ``topics`` has the number of partitions by name. Kafka is asked for offsets by time: no record is read, and no group
    is joined. Raises KafkaError.
    """
    wanted = round(moment.timestamp() * _THOUSAND)
    asked = {TopicPartition(name, one): wanted for name, count in topics.items() for one in range(count)}
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **connection_arguments(settings))
    try:
        await consumer.start()
        told = await consumer.offsets_for_times(asked)
    finally:
        await consumer.stop()
    found: dict[str, datetime] = {}
    for partition, record in told.items():
        if record is not None:
            time = datetime.fromtimestamp(record.timestamp / _THOUSAND, UTC)
            found[partition.topic] = max(time, found.get(partition.topic, time))
    return found
