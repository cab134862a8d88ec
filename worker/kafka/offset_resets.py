"""Where reading goes on when Kafka does not have the offset any more, or never had one: nothing is skipped in silence.

aiokafka's `auto_offset_reset` would go to the beginning of the log and tell nobody that records are missing before it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from worker.kafka.lost_records import lost, lost_with_topic
from worker.pipeline.ports import JournalOutage, Loss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.pipeline.ports import ReadPositions

log = logging.getLogger(__name__)

NO_OFFSET = (NoOffsetForPartitionError, OffsetOutOfRangeError)
NOTE_INTERVAL = 2.0
"""Seconds between notes in the journal of how far intake has come, and looks at what is lost."""


def place_of_error(error: Exception) -> tuple[TopicPartition, int | None]:
    """Return the partition of a NO_OFFSET error, and the offset that Kafka does not have; None where there was none."""
    said = error.args[0]
    if isinstance(error, OffsetOutOfRangeError):
        ((partition, offset),) = said.items()
        return partition, offset
    return said, None


class OffsetResets:
    """Of one topic: what its group has read, and what it lost."""

    def __init__(self, system: str, group: str, positions: ReadPositions) -> None:
        self._system = system
        self.group = group
        self._positions = positions
        self._to_note: dict[tuple[str, int], int] = {}
        self._losses: list[Loss] = []
        self.lost_offsets = 0
        """How many offsets were found lost by this worker since its start: of those that can be counted."""

    @property
    def told(self) -> str | None:
        """Say what is lost that no operator has acknowledged, or None."""
        if not self._losses:
            return None
        told = "; ".join(loss.told for loss in self._losses)
        return f"{told}; see `herald intake status`, end this with `herald intake acknowledge-loss {self._system}`"

    @property
    def unacknowledged(self) -> int:
        """How many losses no operator has acknowledged."""
        return len(self._losses)

    async def reset(self, consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: int | None) -> int:
        """Go to the offset at which reading continues, and return it. A loss is written to the journal first.

        Raises KafkaError, JournalOutage.
        ``wanted`` is the offset that Kafka does not have; None where it knows of no offset at all.
        """
        topic, number = partition
        start = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        noted = await self._positions.read_to(self.group, topic, number)
        read_to = max((one for one in (wanted, noted) if one is not None), default=None)
        loss = lost(topic, number, read_to=read_to, start=start, end=end)
        if loss is not None:
            await self._write_down(loss, start)
        self._to_note.pop((topic, number), None)
        offset = wanted if wanted is not None and start <= wanted <= end else start
        consumer.seek(partition, offset)
        return offset

    async def begin_anew(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, unread_from: int | None
    ) -> None:
        """Go to the beginning of a topic that was recreated. What was not read of the old one is told as lost first.

        Raises KafkaError, JournalOutage. ``unread_from`` is the first offset of the old topic that was not taken; None
        where only the journal may know it.
        """
        topic, number = partition
        start = (await consumer.beginning_offsets([partition]))[partition]
        if unread_from is None:
            unread_from = await self._positions.read_to(self.group, topic, number)
        loss = lost_with_topic(topic, number, unread_from=unread_from)
        if loss is not None:
            await self._write_down(loss, start)
        self._to_note.pop((topic, number), None)
        consumer.seek(partition, start)

    async def _write_down(self, loss: Loss, start: int) -> None:
        await self._positions.record_loss(self._system, loss)
        await self._positions.note(self.group, {(loss.topic, loss.partition): start})
        self._tell(loss, loss.count)

    async def lose(self, place: tuple[str, int], offsets: Sequence[int]) -> None:
        """Write down that these were set aside, not answered, and deleted by Kafka. Raises JournalOutage."""
        topic, partition = place
        why = f"Kafka deleted them while they were set aside: {len(offsets)} of them were not answered"
        loss = Loss(topic, partition, min(offsets), max(offsets) + 1, why)
        await self._positions.record_loss(self._system, loss)
        self._tell(loss, len(offsets))

    def _tell(self, loss: Loss, count: int | None) -> None:
        self.lost_offsets += count or 0
        self._losses.append(loss)
        log.error(
            "records are lost",
            extra={
                "topic": loss.topic,
                "partition": loss.partition,
                "offset": loss.from_offset,
                "lost_offsets": count,
                "detail": loss.why,
            },
        )

    def note(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Note what was committed; it is written later."""
        self._to_note.update(offsets)

    async def run(self) -> None:
        """Write what was committed, and follow what operators acknowledge, without end."""
        while True:
            try:
                await self.exchange()
            except JournalOutage:
                log.info("the journal is unavailable: the positions of intake are written later")
            except Exception:  # the next turn may work; a task that ended never notes again
                log.exception("the positions of intake could not be written")
            await asyncio.sleep(NOTE_INTERVAL)

    async def exchange(self) -> None:
        """Write what was committed since the last time, and read what is lost. Raises JournalOutage."""
        if self._to_note:
            noting, self._to_note = self._to_note, {}
            try:
                await self._positions.note(self.group, noting)
            except BaseException:
                self._to_note = noting | self._to_note
                raise
        self._losses = await self._positions.open_losses(self._system)
