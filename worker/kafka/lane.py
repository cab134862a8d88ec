"""One partition in the window: its offsets, a queue for each ordering key with work, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from contracts.immutable import immutable
from worker.kafka.offsets import PartitionOffsets
from worker.kafka.set_aside import SetAsideOffsets
from worker.pipeline.shutdown import Shutdown

if TYPE_CHECKING:
    import asyncio
    from collections import deque

    from worker.pipeline.flood.causes import Sender
    from worker.pipeline.ports import Record

Partition: TypeAlias = tuple[str, int]
"""A topic and the number of one of its partitions."""


@immutable
class QueuedRecord:
    """A record in the window. ``waited``: it was set aside in a stop before."""

    record: Record
    sender: Sender
    waited: bool = False

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.record.value or b"") + len(self.record.key or b"")


@dataclass(slots=True)
class Lane:
    """What the window has of one partition. The tasks work on its queues, one task on each."""

    offsets: PartitionOffsets = field(default_factory=PartitionOffsets)
    shutdown: Shutdown = field(default_factory=Shutdown)
    queues: dict[object, deque[QueuedRecord]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    aside: SetAsideOffsets = field(default_factory=SetAsideOffsets)
    gone: list[int] = field(default_factory=list)
    """Offsets that were set aside and are no longer in the log."""
    before: Lane | None = None
    """The lane before the partition's offsets went back, with the records that were not finished then."""

    @property
    def reads_again(self) -> bool:
        """Whether what was set aside is being read again."""
        return self.aside.at is not None

    @property
    def abandoned(self) -> int:
        """How many keys have records and no task; the tasks of the lane before are among this one's."""
        if self.shutdown.draining.is_set():
            return 0
        keys, lane = 0, cast("Lane | None", self)
        while lane is not None:
            keys += sum(1 for queue in lane.queues.values() if queue)
            lane = lane.before
        return max(keys - sum(not task.done() for task in self.tasks), 0)
