"""Reading what topics hold, from a time on and up to where they end now: without a group, beside all workers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.kafka.clients import connection_arguments
from worker.kafka.errors import connecting
from worker.kafka.topics import administration, existing
from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from datetime import datetime

    from aiokafka import ConsumerRecord
    from aiokafka.admin import AIOKafkaAdminClient

    from worker.kafka.settings import KafkaSettings

_POLL_MS = 500


class TopicNotShown(Exception):
    """There is no topic of this name, or this login may not see it. The argument is the name."""


class PastRecords:
    """What the topics hold; see `reading_past`."""

    def __init__(
        self, consumer: AIOKafkaConsumer, client: AIOKafkaAdminClient, since: datetime | None
    ) -> None:
        self._consumer = consumer
        self._administration = client
        self._since = since

    async def batches(
        self, topic: str, before: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Record]]:
        """Yield a topic's records. ``before``: by partition, the offset to stop at; absent partitions are not read.

        Raises KafkaError, TopicNotShown: nothing that was read is not the same as nothing that is there.
        """
        numbers = await self._partitions(topic)
        wanted = [
            TopicPartition(topic, number) for number in sorted(numbers) if before is None or number in before
        ]
        if not wanted:
            return
        self._consumer.assign(wanted)
        ends = await self._consumer.end_offsets(wanted)
        if before is not None:
            ends = {one: min(end, before[one.partition]) for one, end in ends.items()}
        await self._seek(wanted, ends)
        while pending := [one for one in wanted if await self._consumer.position(one) < ends[one]]:
            for one, records in (await self._consumer.getmany(*pending, timeout_ms=_POLL_MS)).items():
                yield [_record(record) for record in records if record.offset < ends[one]]

    async def filled(self, topic: str) -> dict[int, int]:
        """Return the ends of a topic's partitions that have records. Raises KafkaError, TopicNotShown."""
        wanted = [TopicPartition(topic, number) for number in await self._partitions(topic)]
        starts = await self._consumer.beginning_offsets(wanted)
        ends = await self._consumer.end_offsets(wanted)
        return {one.partition: end for one, end in ends.items() if end > starts[one]}

    async def _partitions(self, topic: str) -> Collection[int]:
        found = await existing(self._administration, [topic], config=False)
        if topic not in found:
            raise TopicNotShown(topic)
        return range(found[topic].partitions)

    async def _seek(self, wanted: Sequence[TopicPartition], ends: Mapping[TopicPartition, int]) -> None:
        starts = await self._consumer.beginning_offsets(wanted)
        if self._since is not None:
            milliseconds = int(self._since.timestamp() * 1000)
            found = await self._consumer.offsets_for_times(dict.fromkeys(wanted, milliseconds))
            # No record is as young: there is nothing to read.
            starts = {one: found[one].offset if found.get(one) else ends[one] for one in wanted}
        for one in wanted:
            self._consumer.seek(one, starts[one])


@asynccontextmanager
async def reading_past(kafka: KafkaSettings, since: datetime | None) -> AsyncIterator[PastRecords]:
    """Lend a reader of records from a time on, None: from the topics' beginnings. Raises KafkaError."""
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **connection_arguments(kafka),
    )
    try:
        with connecting():
            await consumer.start()
        async with administration(kafka) as client:
            yield PastRecords(consumer, client, since)
    finally:
        await consumer.stop()


def _record(record: ConsumerRecord[bytes, bytes]) -> Record:
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )
