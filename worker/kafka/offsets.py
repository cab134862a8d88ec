"""Which offset of a partition may be committed: everything below it is finished."""

from __future__ import annotations


class PartitionOffsets:
    """Tracks one partition between the committed offset and the newest record taken.

    Offsets of a log may have gaps (transactions, compaction), so what counts is the oldest *unfinished* record,
    not arithmetic on offsets. How far the newest lies ahead of it is not bounded here: one record that retries
    for minutes must not stop the others.
    """

    def __init__(self) -> None:
        self._unfinished: dict[int, None] = {}  # in the order taken, which is offset order
        self.next: int | None = None
        """The offset behind the last record taken, and behind the gap that follows it, as far as it was read."""
        self._committed: int | None = None

    def take(self, offset: int) -> None:
        """Note that a record entered the window. Offsets must grow."""
        if self.goes_back_to(offset):
            raise ValueError(f"offset {offset} was taken already (next is {self.next})")
        self._unfinished[offset] = None
        self.next = offset + 1

    def read_to(self, offset: int) -> None:
        """Note that no record is left to take below this offset.

        Transactions leave offsets without a record: their markers, and whatever was aborted. At the end of a
        partition no record follows that would show the gap, and the group would never catch up.
        """
        self.next = offset if self.next is None else max(self.next, offset)

    def goes_back_to(self, offset: int) -> bool:
        """Whether this offset, or a later one, was taken or passed before."""
        return self.next is not None and offset < self.next

    def finish(self, offset: int) -> None:
        """Note that a record needs no more work. Raises KeyError for one that is not in the window."""
        del self._unfinished[offset]

    @property
    def unfinished(self) -> int:
        """How many records are not finished yet."""
        return len(self._unfinished)

    @property
    def last_committed(self) -> int | None:
        """The offset that was committed last since the partition was assigned, or None."""
        return self._committed

    def committable(self) -> int | None:
        """Return the offset to commit (the next to read), or None where there is nothing new."""
        position = next(iter(self._unfinished), self.next)
        return position if position is not None and position != self._committed else None

    def committed(self, offset: int) -> None:
        """Note that this offset is committed."""
        self._committed = offset
