"""How far a worker is behind in each of its partitions, and since when nothing was committed. Policy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aiokafka import TopicPartition

Offsets: TypeAlias = "tuple[TopicPartition, int | None, int | None]"
"""A partition, what was committed last of it by this worker, and up to where it was taken."""


@immutable
class PartitionBacklog:
    """``stuck_seconds``: for how long the committed offset has not moved though later records were taken.

    ``end`` is the end of the partition, ``end_age`` for how many seconds that has been known; None where it is not.
    """

    partition: TopicPartition
    committed: int | None
    stuck_seconds: float
    end: int | None
    end_age: float | None

    @property
    def lag(self) -> int | None:
        """The offsets that are not committed, or None where that is not known."""
        return None if self.end is None or self.committed is None else max(self.end - self.committed, 0)


class Backlog:
    """Follows the committed offsets of the assigned partitions. `note` is called regularly."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ends: dict[TopicPartition, tuple[int, float]] = {}
        self._stuck: dict[TopicPartition, tuple[int | None, float]] = {}
        """By partition, the committed offset that is behind what was taken, and since when."""

    def reset(self) -> None:
        """Forget all partitions: they are reassigned."""
        self._ends.clear()
        self._stuck.clear()

    def read_ends(self, ends: Mapping[TopicPartition, int]) -> None:
        """Take in the ends of the partitions as Kafka says them now; of those that are absent, none is known."""
        now = self._monotonic()
        self._ends = {partition: (end, now) for partition, end in ends.items()}

    def note(self, offsets: Iterable[Offsets]) -> None:
        """Note the offsets of all assigned partitions."""
        now, before = self._monotonic(), self._stuck
        self._stuck = {}
        for partition, committed, taken in offsets:
            if taken is not None and taken != committed:
                known = before.get(partition)
                since = known[1] if known is not None and known[0] == committed else now
                self._stuck[partition] = (committed, since)

    def of(self, offsets: Iterable[Offsets]) -> list[PartitionBacklog]:
        """Return how far each of these partitions is behind, in order."""
        return [self._of(*one) for one in sorted(offsets, key=lambda one: one[0])]

    def _of(self, partition: TopicPartition, committed: int | None, taken: int | None) -> PartitionBacklog:
        now = self._monotonic()
        stuck = self._stuck.get(partition)
        still = stuck is not None and taken != committed and stuck[0] == committed
        end, read_at = self._ends.get(partition, (None, None))
        return PartitionBacklog(
            partition,
            committed,
            now - stuck[1] if stuck is not None and still else 0.0,
            end,
            None if read_at is None else now - read_at,
        )
