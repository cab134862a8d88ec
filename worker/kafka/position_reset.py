"""Where a consumer goes on when Kafka has no such offset, or cannot say what the group committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.kafka.committed import committed_positions

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.kafka.lane import Partition
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.partitions import Partitions
    from worker.kafka.poll_positions import PollPositions
    from worker.kafka.recreation import Recreation


class PositionReset:
    """Resets one consumer's position in a partition: the case decides where to, and the journal what is lost."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        partitions: Partitions,
        recreation: Recreation,
        positions: PollPositions,
        resets: OffsetResets,
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._recreation = recreation
        self._positions = positions
        self._resets = resets

    async def __call__(self, partition: TopicPartition, wanted: int | None) -> None:
        """Go to where reading goes on. ``wanted`` is the offset that Kafka does not have; None: no offset is known.

        Raises KafkaError, IllegalStateError, and JournalOutage while the journal is unavailable.
        """
        # Before anything is awaited, because a new assignment forgets the id. A position that is noted without an id is
        # replaced by any other one.
        topic_id = self._recreation.id_of(partition)
        self._recreation.topic_ids.doubt()
        await self._recreation.topic_ids.refresh(self._consumer)
        if self._recreation.is_recreated(partition):
            await self._recreation.begin_anew(self._consumer, partition)
            self._positions.forget(partition)
        elif not await self._known(partition, wanted):
            offset = await self._resets.reset(self._consumer, partition, wanted, topic_id)
            self._partitions.go_on_from((partition.topic, partition.partition), offset)

    async def _known(self, partition: TopicPartition, wanted: int | None) -> bool:
        """Go where nothing is lost by it; return whether there is such a place."""
        if wanted is None:
            return await self._went_to_committed(partition)
        place = (partition.topic, partition.partition)
        return self._partitions.is_reading_again(place) and await self._passed_deleted(
            partition, place, wanted
        )

    async def _passed_deleted(self, partition: TopicPartition, place: Partition, wanted: int) -> bool:
        """Pass over what was set aside and deleted meanwhile: only the window knows what of it was unanswered."""
        start = (await self._consumer.beginning_offsets([partition]))[partition]
        if start <= wanted:
            return False
        self._consumer.seek(partition, start)
        self._partitions.go_on_from(place, start)
        return True

    async def _went_to_committed(self, partition: TopicPartition) -> bool:
        """Ask again for the group's offset, which Kafka may have refused to say when its client asked.

        Nothing is to be read twice, or left out.
        """
        known = (await committed_positions(self._consumer, [partition])).get(partition)
        if known is None:
            return False
        self._consumer.seek(partition, known.next_offset)
        return True
