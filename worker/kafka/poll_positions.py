"""Up to where each poll read, so that gaps in a log are committed past, and what holds a partition back there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.kafka import faststream_consumer
from worker.kafka.open_transactions import OpenTransactions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.kafka.assignment import Assignment
    from worker.kafka.partitions import Partitions
    from worker.kafka.poll import CarefulPoll
    from worker.kafka.recreation import Recreation


class PollPositions:
    """Where the consumer stood in each partition after its last poll."""

    def __init__(
        self,
        topics: Iterable[str],
        partitions: Partitions,
        assignment: Assignment,
        recreation: Recreation,
        now: Callable[[], float],
    ) -> None:
        self._partitions = partitions
        self._assignment = assignment
        self._recreation = recreation
        self._read_to: dict[TopicPartition, int] = {}
        self._open_transactions = {topic: OpenTransactions(topic, now) for topic in topics}

    @property
    def open_transactions(self) -> str | None:
        """Say which partitions an open transaction of a producer holds back, and since when, or None."""
        return "; ".join(told for one in self._open_transactions.values() if (told := one.told)) or None

    def reset(self) -> None:
        """Forget the open transactions: partitions were assigned."""
        for transactions in self._open_transactions.values():
            transactions.reset()

    def note(self, consumer: AIOKafkaConsumer, poll: CarefulPoll) -> None:
        """Note up to where each partition was read by this poll, and what holds it back there."""
        assigned = self._assignment.partitions
        for one in assigned - self._recreation.held(assigned):
            place = faststream_consumer.place_of(consumer, one)
            if place is not None and not poll.is_astray(one):
                self._read_to[one] = place.position
                self._open_transactions[one.topic].note(
                    one.partition, place.position, place.stable, place.end
                )

    def forget(self, partition: TopicPartition) -> None:
        """Forget where a partition was read to: reading begins anew."""
        self._read_to.pop(partition, None)

    def pass_on(self) -> None:
        """Let the window know up to where the poll before read: FastStream has handed over its records by now."""
        read_to, self._read_to = self._read_to, {}
        if not self._assignment.counts:
            return  # its records were dropped
        for partition, offset in read_to.items():
            if partition in self._assignment.partitions:
                self._partitions.read_to((partition.topic, partition.partition), offset)
