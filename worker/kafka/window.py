"""The window: many submissions in progress, one per ordering key, bounded by count and bytes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from worker.kafka.offsets import PartitionOffsets
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, Shutdown

log = logging.getLogger(__name__)

DEFECT_PAUSE = 10.0
"""Seconds before a record is tried again that an unexpected exception stopped."""
ABANDON_PAUSE = 2.0
"""Seconds that a cancelled submission has to write its state to the journal, before it is cancelled once more."""

Partition: TypeAlias = tuple[str, int]
Process: TypeAlias = Callable[[Record, Shutdown], Awaitable[None]]


@dataclass(slots=True)
class _Lane:
    """One partition: its offsets, and a queue for each ordering key with work."""

    offsets: PartitionOffsets = field(default_factory=PartitionOffsets)
    shutdown: Shutdown = field(default_factory=Shutdown)
    queues: dict[object, deque[Record]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    before: _Lane | None = None
    """The lane before the partition's offsets went back, with the records that were not finished then."""


class Window:
    """Runs `process` for each record, in order for one key, concurrently for different keys.

    It never blocks the poll loop: `take` queues, and `full` tells the consumer to pause. A batch may overshoot
    the bounds by itself, so memory is bounded by the window plus one batch. ``on_progress`` is called when a record
    is finished.
    """

    def __init__(
        self,
        process: Process,
        *,
        max_records: int,
        max_bytes: int,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._process = process
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._lanes: dict[Partition, _Lane] = {}
        self._records = 0
        self._bytes = 0
        self._running_on: list[_Lane] = []
        self._on_progress = on_progress

    @property
    def full(self) -> bool:
        """Whether no more records should be polled."""
        return self._records >= self._max_records or self._bytes >= self._max_bytes

    @property
    def has_room(self) -> bool:
        """Whether a window that was full may take records again: at three quarters, so that pauses are not many."""
        return self._records <= self._max_records * 3 // 4 and self._bytes <= self._max_bytes * 3 // 4

    @property
    def records(self) -> int:
        """How many records are not finished yet."""
        return self._records

    def take(self, records: Iterable[Record]) -> None:
        """Queue records, each behind the earlier ones of its key."""
        for record in records:
            lane = self._lane_of(record)
            lane.offsets.take(record.offset)
            self._records += 1
            self._bytes += _size(record)
            # A record without a key has no order to keep; it becomes a dead letter on its own.
            key: object = record.key or record.offset
            if (queue := lane.queues.get(key)) is not None:
                queue.append(record)
            else:
                lane.queues[key] = deque([record])
                task = asyncio.create_task(self._run_key(lane, key))
                lane.tasks.add(task)
                task.add_done_callback(lane.tasks.discard)

    def _lane_of(self, record: Record) -> _Lane:
        partition = (record.topic, record.partition)
        lane = self._lanes.setdefault(partition, _Lane())
        if not lane.offsets.goes_back_to(record.offset):
            return lane
        return self._begin_anew(partition, lane)

    def _begin_anew(self, partition: Partition, lane: _Lane) -> _Lane:
        """Count a partition's offsets anew: its topic was made anew, or its log cut.

        These are other records under old numbers. What was in work goes on, but has no say in what is committed.
        """
        log.error("offsets went back", extra={"topic": partition[0], "partition": partition[1]})
        self._lanes[partition] = _Lane(shutdown=lane.shutdown, tasks=lane.tasks, before=lane)
        return self._lanes[partition]

    def go_on_from(self, partition: Partition, offset: int) -> None:
        """Note that the records from this offset on come next, though later ones may have been taken."""
        lane = self._lanes.get(partition)
        if lane is not None and lane.offsets.goes_back_to(offset):
            self._begin_anew(partition, lane)

    def read_to(self, partition: Partition, offset: int) -> None:
        """Note that nothing is left to take of a partition below this offset: where no record came, there is none."""
        self._lanes.setdefault(partition, _Lane()).offsets.read_to(offset)

    def next_offset(self, partition: Partition) -> int | None:
        """Return the offset from which records of a partition are still to be taken, or None where none was read."""
        lane = self._lanes.get(partition)
        return lane.offsets.next if lane else None

    def committable(self) -> dict[Partition, int]:
        """Return what may be committed now, where it is new."""
        found = ((partition, lane.offsets.committable()) for partition, lane in self._lanes.items())
        return {partition: offset for partition, offset in found if offset is not None}

    def committed(self, offsets: dict[Partition, int]) -> None:
        """Note what was committed."""
        for partition, offset in offsets.items():
            if partition in self._lanes:
                self._lanes[partition].offsets.committed(offset)

    async def drain(self, partitions: Iterable[Partition], seconds: float) -> None:
        """Finish what is in flight for these partitions, within `seconds`; release the rest."""
        await _wind_down([self._lanes[p] for p in partitions if p in self._lanes], seconds)

    async def stop(self, seconds: float) -> None:
        """Finish all that is in flight, release the rest; after `seconds`, abort."""
        lanes = [*self._lanes.values(), *self._running_on]
        late = await _wind_down(lanes, seconds)
        for lane in lanes:
            lane.shutdown.abort()
        if late:
            log.warning("aborted exchanges at the end of the drain time", extra={"count": len(late)})
            await _cancel(late)

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Drop partitions that were revoked; their unfinished records come again to their next owner.

        An exchange that is still in flight runs on, but no longer decides what is committed.
        """
        self._running_on = [lane for lane in self._running_on if lane.tasks]
        for partition in partitions:
            lane = self._lanes.pop(partition, None)
            if lane is not None and lane.tasks:
                lane.shutdown.drain()
                self._running_on.append(lane)
            while lane is not None:
                for queue in lane.queues.values():
                    for record in queue:
                        self._release(record)
                    queue.clear()
                lane = lane.before

    async def _run_key(self, lane: _Lane, key: object) -> None:
        queue = lane.queues[key]
        while queue and not lane.shutdown.draining.is_set():
            record = queue[0]
            try:
                await self._process(record, lane.shutdown)
            except Released:
                return
            except Exception:
                # A defect in Herald must neither lose the record nor let later ones of the key overtake it:
                # the key waits and the record is tried again; its offset stays uncommitted.
                log.exception("a submission stopped on a defect", extra={"offset": record.offset})
                await _wait(lane.shutdown.draining, DEFECT_PAUSE)
                continue
            if not queue:  # its partition was revoked meanwhile
                return
            queue.popleft()
            lane.offsets.finish(record.offset)
            self._release(record)
            self._on_progress()
        if not queue:
            del lane.queues[key]

    def _release(self, record: Record) -> None:
        self._records -= 1
        self._bytes -= _size(record)


async def _wind_down(lanes: list[_Lane], seconds: float) -> set[asyncio.Task[None]]:
    """Let these lanes finish what is in flight, within `seconds`; return the tasks that still run."""
    for lane in lanes:
        lane.shutdown.drain()
    tasks = {task for lane in lanes for task in lane.tasks}
    if not tasks:
        return set()
    _, late = await asyncio.wait(tasks, timeout=seconds)
    return late


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: a submission may catch a cancellation to write its state, and hang at that."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=ABANDON_PAUSE)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _size(record: Record) -> int:
    return len(record.value or b"") + len(record.key or b"")
