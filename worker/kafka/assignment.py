"""Which partitions the group has assigned to this worker, and whether what was polled last may still be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiokafka import TopicPartition

    from worker.kafka.lane import Partition


class Assignment:
    """The partitions of one consumer. A poll counts until the next rebalance, and until the consumer stops."""

    def __init__(self) -> None:
        self.partitions: set[TopicPartition] = set()
        self.joined = False
        """Whether partitions were assigned, be it none: there may be more workers than partitions."""
        self.stopping = False
        self._generation = 0
        self._polled_in: int | None = None
        """The generation at the end of the last poll."""

    @property
    def places(self) -> list[Partition]:
        """The partitions as the window names them."""
        return [(one.topic, one.partition) for one in self.partitions]

    def rebalance(self) -> None:
        """Note that partitions are being reassigned: what was polled before does not count."""
        self._generation += 1

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Note that the group has assigned these partitions, and no others."""
        self.partitions, self.joined = set(partitions), True

    def polled(self) -> None:
        """Note that a poll ended: its records are of the present partitions."""
        self._polled_in = self._generation

    @property
    def counts(self) -> bool:
        """Whether the records of the last poll are taken; else they come again from the committed offset."""
        return self._polled_in == self._generation and not self.stopping
