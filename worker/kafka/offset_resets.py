"""Where reading goes on when Kafka does not have the offset any more, or never had one: nothing is skipped in silence.

aiokafka's `auto_offset_reset` would go to the beginning of the log and tell nobody that records are missing before it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from worker.kafka.committed import ANSWER_SECONDS, commit_positions
from worker.kafka.lost_records import forgotten, lost, lost_with_topic
from worker.pipeline.ports import JournalOutage, Loss, Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.pipeline.ports import ReadPositions

log = logging.getLogger(__name__)

NO_OFFSET = (NoOffsetForPartitionError, OffsetOutOfRangeError)
RESTORED = "docs/upgrades.md, 'After a restore' (`herald journal reconcile`)"
"""Where operators find what to do about records that the journal has forgotten."""
LOOK_INTERVAL = 2.0
"""Seconds between two readings of what is lost, and not acknowledged, from the journal."""


def place_of_error(error: Exception) -> tuple[TopicPartition, int | None]:
    """Return the partition of a NO_OFFSET error, and the offset that Kafka does not have; None where there was none."""
    said = error.args[0]
    if isinstance(error, OffsetOutOfRangeError):
        ((partition, offset),) = said.items()
        return partition, offset
    return said, None


class OffsetResets:
    """Of one system: what its group has read, and what it lost."""

    def __init__(self, system: str, group: str, positions: ReadPositions) -> None:
        self._system = system
        self.group = group
        self._positions = positions
        self._losses: list[Loss] = []
        self.lost_offsets = 0
        """How many offsets were found lost by this worker since its start: of those that can be counted."""
        self.forgotten_offsets = 0
        """How many offsets this worker found since its start that the group had read, and the journal does not know."""

    @property
    def told(self) -> str | None:
        """Say what is lost that no operator has acknowledged, or None."""
        told = "; ".join(loss.told for loss in self._losses if not loss.forgotten)
        return f"{told}; see `herald intake status`, end this with `{self._acknowledge}`" if told else None

    @property
    def journal_behind(self) -> str | None:
        """Say which records the journal has forgotten, until an operator acknowledges it, or None."""
        told = "; ".join(loss.told for loss in self._losses if loss.forgotten)
        return f"{told}; see {RESTORED}, end this with `{self._acknowledge}`" if told else None

    @property
    def unacknowledged(self) -> int:
        """How many losses no operator has acknowledged."""
        return len(self._losses)

    @property
    def unacknowledged_forgotten(self) -> int:
        """How many of them are records that the journal has forgotten."""
        return sum(loss.forgotten for loss in self._losses)

    @property
    def _acknowledge(self) -> str:
        return f"herald intake acknowledge-loss {self._system}"

    async def noted(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Position]:
        """Return what the journal knows of these partitions. Raises JournalOutage."""
        noted: dict[TopicPartition, Position] = {}
        for topic in sorted({one.topic for one in partitions}):
            asked = [one for one in partitions if one.topic == topic]
            found = await self._positions.noted(self.group, topic, [one.partition for one in asked])
            noted |= {one: found[one.partition] for one in asked if one.partition in found}
        return noted

    async def note(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Note in the journal what is committed next. Raises JournalOutage."""
        await self._positions.note(self.group, {tuple(one): of for one, of in positions.items()})

    async def note_anew(
        self, partition: TopicPartition, position: Position, *, instead_of: Position | None
    ) -> None:
        """Note a position in the journal, in place of the one that was found there.

        Raises JournalOutage; IllegalStateError where another worker has noted one meanwhile: the partition is its own.
        """
        place = (partition.topic, partition.partition)
        if not await self._positions.note_anew(self.group, place, position, instead_of=instead_of):
            raise IllegalStateError(f"{partition} was revoked")

    async def reset(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: int | None, topic_id: str | None
    ) -> int:
        """Go to the offset at which reading continues, and return it. A loss is written to the journal first.

        Raises KafkaError, JournalOutage; IllegalStateError where the partition was revoked meanwhile: its new owner
        then finds out what is lost.
        ``wanted`` is the offset that Kafka does not have; None where it knows of no offset at all.
        """
        topic, number = partition
        start = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        noted = (await self.noted([partition])).get(partition)
        known = (wanted, noted.next_offset if noted else None)
        read_to = max((one for one in known if one is not None), default=None)
        loss = lost(topic, number, read_to=read_to, start=start, end=end)
        if partition not in consumer.assignment():
            raise IllegalStateError(f"{partition} was revoked")
        if loss is not None:
            await self._write_down(loss)
        offset = wanted if wanted is not None and start <= wanted <= end else start
        if loss is not None or noted is None:
            await self.note_anew(partition, Position(offset, topic_id), instead_of=noted)
        consumer.seek(partition, offset)
        return offset

    async def begin_anew(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        unread_from: int | None,
        topic_id: str | None,
    ) -> None:
        """Go to the beginning of a topic that was recreated. What was not read of the old one is told as lost first.

        Raises KafkaError, IllegalStateError, TimeoutError, JournalOutage. ``unread_from`` is the first offset of the
        old topic that was not taken; None where nothing was read of it, or its loss was told before.
        """
        topic, number = partition
        noted = (await self.noted([partition])).get(partition)
        start = (await consumer.beginning_offsets([partition]))[partition]
        loss = lost_with_topic(topic, number, unread_from=unread_from)
        if loss is not None:
            await self._write_down(loss)
        # The group's offset may still be that of the old topic: who starts next must not go on from it. It is committed
        # before the journal has the new id, so that a worker that ends in between leaves this to the next one.
        begin = Position(start, topic_id)
        async with asyncio.timeout(ANSWER_SECONDS):
            await commit_positions(consumer, {partition: begin})
        await self.note_anew(partition, begin, instead_of=noted)
        consumer.seek(partition, start)

    async def _write_down(self, loss: Loss) -> None:
        await self._positions.record_loss(self._system, loss)
        self.lost_offsets += loss.count or 0
        self._tell("records are lost", loss, loss.count)

    async def tell_forgotten(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, noted: int, committed: int
    ) -> None:
        """Write down that the journal does not know how the records between two offsets ended.

        Raises KafkaError, JournalOutage. What Kafka deleted meanwhile is not counted.
        """
        start = (await consumer.beginning_offsets([partition]))[partition]
        loss = forgotten(*partition, noted=noted, committed=committed, start=start)
        if loss is not None:
            await self._positions.record_loss(self._system, loss)
            self.forgotten_offsets += loss.count or 0
            self._tell("the journal is older than the group's offset in Kafka", loss, loss.count)

    async def lose(self, place: tuple[str, int], offsets: Sequence[int]) -> None:
        """Write down that these were set aside, not answered, and deleted by Kafka. Raises JournalOutage."""
        topic, partition = place
        why = f"Kafka deleted them while they were set aside: {len(offsets)} of them were not answered"
        loss = Loss(topic, partition, min(offsets), max(offsets) + 1, why)
        await self._positions.record_loss(self._system, loss)
        self.lost_offsets += len(offsets)
        self._tell("records are lost", loss, len(offsets))

    def _tell(self, what: str, loss: Loss, count: int | None) -> None:
        self._losses.append(loss)
        log.error(
            what,
            extra={
                "topic": loss.topic,
                "partition": loss.partition,
                "offset": loss.from_offset,
                "lost_offsets": count,
                "detail": loss.why,
            },
        )

    async def run(self) -> None:
        """Follow what is lost, and what operators acknowledge, without end."""
        while True:
            try:
                await self.look()
            except JournalOutage:
                log.info("the journal is unavailable: what is lost is read later")
            except Exception:  # the next turn may work; a task that ended never looks again
                log.exception("what is lost could not be read")
            await asyncio.sleep(LOOK_INTERVAL)

    async def look(self) -> None:
        """Read what is lost, and not acknowledged. Raises JournalOutage."""
        self._losses = await self._positions.open_losses(self._system)
