"""The consumer goes back to what was set aside, and what Kafka deleted of it meanwhile is written down as lost."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import AIOKafkaConsumer

    from worker.kafka.assignment import Assignment
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.pausing import Pausing
    from worker.kafka.poll import CarefulPoll
    from worker.kafka.window import Window

READ_AGAIN_INTERVAL = 0.25
"""Seconds between checks whether records that are set aside can be read again."""


class Rereading:
    """Reads again what the window of one consumer has set aside."""

    def __init__(
        self,
        window: Window,
        assignment: Assignment,
        pausing: Pausing,
        resets: OffsetResets,
        monotonic: Callable[[], float],
    ) -> None:
        self._window = window
        self._assignment = assignment
        self._pausing = pausing
        self._resets = resets
        self._monotonic = monotonic
        self._next_check = float("-inf")

    def go_back(self, consumer: AIOKafkaConsumer, poll: CarefulPoll) -> None:
        """Go back to what was set aside and need no longer wait."""
        now = self._monotonic()
        if self._assignment.stopping:
            return
        if now < self._next_check and not self._window.partitions.reads_again:
            return
        self._next_check = now + READ_AGAIN_INTERVAL
        for place, offset in self._window.read_again().items():
            partition = TopicPartition(*place)
            if partition in self._assignment.partitions:
                with contextlib.suppress(IllegalStateError):  # revoked at this moment
                    consumer.seek(partition, offset)
                poll.went_to(partition)
        self._pausing.pause_crowded()

    async def write_off(self) -> None:
        """Write down what Kafka deleted while it was set aside; until that is durable, it is not committed past."""
        for place, offsets in self._window.partitions.gone.items():
            try:
                await self._resets.lose(place, offsets)
            except JournalOutage:
                return
            self._window.partitions.written_off(place, list(offsets))
