"""The window: many submissions in progress, one per ordering key, bounded by count and bytes.

What has to wait for its source or its signer leaves it: only its offset is kept, and it is read again (`set_aside`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeAlias, cast

from worker.kafka.offsets import PartitionOffsets
from worker.kafka.set_aside import SetAsideOffsets, kept_key
from worker.kafka.shares import WindowShares
from worker.pipeline.flood.causes import Hold, Party, Sender
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, SetAside, Shutdown, ends_task

log = logging.getLogger(__name__)

DEFECT_PAUSE = 10.0
"""Seconds before a record is tried again that an unexpected exception stopped."""
ABANDON_PAUSE = 2.0
"""Seconds that a cancelled submission has to write its state to the journal, before it is cancelled once more."""

Partition: TypeAlias = tuple[str, int]
Process: TypeAlias = Callable[[Record, Shutdown], Awaitable[None]]


class Gate(Protocol):
    """Says whose submissions wait."""

    def holds(self, party: Party) -> bool:
        """Whether a source's or a signer's submissions wait."""

    def hold(self, sender: Sender) -> Hold | None:
        """Say why a sender's submissions wait, or None."""

    def admit(self, sender: Sender, *, waited: bool) -> Hold | None:
        """Let the current task begin a record of the sender; else say why it waits."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How many records and bytes are in a window, and at how many it is full."""

    records: int
    max_records: int
    bytes: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class _Queued:
    """A record in the window. ``waited``: it was set aside in a stop before."""

    record: Record
    sender: Sender
    waited: bool = False

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.record.value or b"") + len(self.record.key or b"")


@dataclass(slots=True)
class _Lane:
    """One partition: its offsets, a queue for each ordering key with work, and what was set aside."""

    offsets: PartitionOffsets = field(default_factory=PartitionOffsets)
    shutdown: Shutdown = field(default_factory=Shutdown)
    queues: dict[object, deque[_Queued]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    aside: SetAsideOffsets = field(default_factory=SetAsideOffsets)
    gone: list[int] = field(default_factory=list)
    """Offsets that were set aside and are no longer in the log."""
    before: _Lane | None = None
    """The lane before the partition's offsets went back, with the records that were not finished then."""

    @property
    def abandoned(self) -> int:
        """How many keys have records and no task; the tasks of the lane before are among this one's."""
        if self.shutdown.draining.is_set():
            return 0
        keys, lane = 0, cast("_Lane | None", self)
        while lane is not None:
            keys += sum(1 for queue in lane.queues.values() if queue)
            lane = lane.before
        return max(keys - sum(not task.done() for task in self.tasks), 0)


class Window:
    """Runs `process` for each record, in order for one key, concurrently for different keys.

    It never blocks the poll loop: `take` queues, and `full` tells the consumer to pause. A batch may overshoot
    the bounds by itself, so memory is bounded by the window plus one batch. ``on_progress`` is called when a record
    is finished. ``sender_of`` reads whose record it is; what ``gate`` or ``shares`` hold back is set aside, at most
    about ``max_set_aside`` offsets a partition.
    """

    def __init__(
        self,
        process: Process,
        *,
        max_records: int,
        max_bytes: int,
        sender_of: Callable[[Record], Sender] = lambda _: Sender(),
        gate: Gate | None = None,
        shares: WindowShares | None = None,
        max_set_aside: int = 20_000,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._process = process
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._sender_of = sender_of
        self._gate = gate
        self._shares = shares or WindowShares({}, max_records=max_records, max_bytes=max_bytes)
        self._max_set_aside = max_set_aside
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

    @property
    def abandoned(self) -> int:
        """How many ordering keys have records and no task that works on them: a defect has ended it.

        A task that waits, for whatever it may be, works on its key.
        """
        return sum(lane.abandoned for lane in self._lanes.values())

    @property
    def fill(self) -> Fill:
        """How full it is."""
        return Fill(self._records, self._max_records, self._bytes, self._max_bytes)

    def offsets_of(self, partition: Partition) -> tuple[int | None, int | None]:
        """Return what was committed last of a partition, and up to where it was taken; None where nothing was."""
        lane = self._lanes.get(partition)
        return (None, None) if lane is None else (lane.offsets.last_committed, lane.offsets.next)

    @property
    def set_aside(self) -> Counter[Party]:
        """How many records are set aside, by their cause."""
        return sum((lane.aside.parties for lane in self._lanes.values()), Counter[Party]())

    def is_crowded(self, partition: Partition) -> bool:
        """Whether so much of a partition is set aside that no more of it should be polled."""
        lane = self._lanes.get(partition)
        return lane is not None and lane.aside.at is None and len(lane.aside) >= self._max_set_aside

    def take(self, records: Iterable[Record]) -> None:
        """Queue records, each behind the earlier ones of its key; or set them aside."""
        for record in records:
            lane = self._lane_of(record)
            if lane.offsets.goes_back_to(record.offset):
                self._take_again(lane, record)
                continue
            lane.offsets.take(record.offset)
            sender, key = self._sender_of(record), kept_key(record)
            if hold := lane.aside.blocked(key) or self._hold(sender):
                lane.aside.add(record.offset, key, hold)
            else:
                self._queue(lane, _Queued(record, sender))

    def _take_again(self, lane: _Lane, record: Record) -> None:
        """Take a record that was set aside, if it need no longer wait; nothing where it was taken before."""
        lane.gone += lane.aside.came(record.offset)
        sender = self._sender_of(record)
        waited = lane.aside.again(record.offset, partial(self._hold, sender))
        if waited is not None:
            self._queue(lane, _Queued(record, sender, waited=waited.stopped))

    def _hold(self, sender: Sender) -> Hold | None:
        return (self._gate.hold(sender) if self._gate else None) or self._shares.hold(sender)

    def _waits(self, party: Party) -> bool:
        return (self._gate is not None and self._gate.holds(party)) or self._shares.holds(party)

    def _queue(self, lane: _Lane, one: _Queued) -> None:
        self._records += 1
        self._bytes += one.size
        self._shares.add(one.sender, one.size)
        # A record without a key has no order to keep; it becomes a dead letter on its own.
        key: object = one.record.key or one.record.offset
        if (queue := lane.queues.get(key)) is not None:
            queue.append(one)
        else:
            lane.queues[key] = deque([one])
            task = asyncio.create_task(self._run_key(lane, key))
            lane.tasks.add(task)
            task.add_done_callback(lane.tasks.discard)

    def _lane_of(self, record: Record) -> _Lane:
        partition = (record.topic, record.partition)
        lane = self._lanes.setdefault(partition, _Lane())
        if lane.aside.at is not None or not lane.offsets.goes_back_to(record.offset):
            return lane
        return self._begin_anew(partition, lane)

    def read_again(self) -> dict[Partition, int]:
        """Return the partitions of which records need no longer wait, with the offset to go back to.

        Also those where reading them again should end, as all that is left has to wait, with the offset to go on from.
        """
        places: dict[Partition, int] = {}
        for partition, lane in self._lanes.items():
            if lane.offsets.next is None or lane.shutdown.draining.is_set():
                continue
            if lane.aside.at is not None:
                if all(self._waits(party) for party in lane.aside.parties):
                    lane.aside.end_reading_again()
                    places[partition] = lane.offsets.next
            elif self.has_room and (lowest := lane.aside.lowest(self._waits)) is not None:
                lane.aside.read_again(lowest, lane.offsets.next)
                places[partition] = lowest
        return places

    def is_reading_again(self, partition: Partition) -> bool:
        """Whether what was set aside of a partition is being read again."""
        lane = self._lanes.get(partition)
        return lane is not None and lane.aside.at is not None

    @property
    def reads_again(self) -> bool:
        """Whether anything is being read again: that ends as soon as all that is left has to wait."""
        return any(lane.aside.at is not None for lane in self._lanes.values())

    @property
    def gone(self) -> dict[Partition, list[int]]:
        """The offsets that were set aside and are no longer in the log, until `written_off`."""
        return {partition: lane.gone for partition, lane in self._lanes.items() if lane.gone}

    def written_off(self, partition: Partition, offsets: list[int]) -> None:
        """Note that it is durable that these are lost: they may be committed past."""
        lane = self._lanes.get(partition)
        for offset in offsets:
            if lane is not None and offset in lane.gone:
                lane.gone.remove(offset)
                lane.offsets.finish(offset)

    def _begin_anew(self, partition: Partition, lane: _Lane) -> _Lane:
        """Restart the count of a partition's offsets: its topic was recreated, or its log truncated.

        These are other records under old numbers. What was in work goes on, but has no say in what is committed.
        """
        log.error("offsets went back", extra={"topic": partition[0], "partition": partition[1]})
        self._lanes[partition] = _Lane(shutdown=lane.shutdown, tasks=lane.tasks, before=lane)
        return self._lanes[partition]

    def go_on_from(self, partition: Partition, offset: int) -> None:
        """Note that the records from this offset on come next, though later ones may have been taken."""
        lane = self._lanes.get(partition)
        if lane is None:
            return
        if lane.aside.at is not None and offset >= lane.aside.at:  # what was set aside was deleted meanwhile
            lane.gone += lane.aside.passed(offset)
        elif lane.offsets.goes_back_to(offset):
            self._begin_anew(partition, lane)

    def unread_from(self, partition: Partition) -> int | None:
        """Return the first offset that was not taken, or is set aside; None where none was read."""
        lane = self._lanes.get(partition)
        if lane is None:
            return None
        known = (lane.offsets.next, lane.aside.first, *lane.gone)
        return min((one for one in known if one is not None), default=None)

    def begin_anew(self, partition: Partition) -> None:
        """Note that the topic was recreated: all that comes next is new, and what was set aside is gone."""
        if (lane := self._lanes.get(partition)) is not None:
            self._begin_anew(partition, lane)

    def read_to(self, partition: Partition, offset: int) -> None:
        """Note that nothing is left to take of a partition below this offset: where no record came, there is none."""
        lane = self._lanes.setdefault(partition, _Lane())
        lane.gone += lane.aside.passed(offset)
        lane.offsets.read_to(offset)

    def next_offset(self, partition: Partition) -> int | None:
        """Return the offset from which records of a partition are still to be taken, or None where none was read."""
        lane = self._lanes.get(partition)
        if lane is None:
            return None
        return lane.offsets.next if lane.aside.at is None else lane.aside.at

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
                    for one in queue:
                        self._release(one)
                    queue.clear()
                lane = lane.before

    async def _run_key(self, lane: _Lane, key: object) -> None:
        queue, task = lane.queues[key], asyncio.current_task()
        while queue and not lane.shutdown.draining.is_set():
            one = queue[0]
            if self._gate and (hold := self._gate.admit(one.sender, waited=one.waited)):
                self._set_aside(lane, key, hold)
                return
            try:
                await self._process(one.record, lane.shutdown)
            except SetAside as wait:
                self._set_aside(lane, key, wait.hold)
                return
            except Released:
                return
            except BaseException as error:
                if ends_task(error, task):
                    raise
                # A defect in Herald must neither lose the record nor let later ones of the key overtake it:
                # the key waits and the record is tried again; its offset stays uncommitted.
                log.exception("a defect interrupted a submission", extra={"offset": one.record.offset})
                await _wait(lane.shutdown.draining, DEFECT_PAUSE)
                continue
            if not queue:  # its partition was revoked meanwhile
                return
            queue.popleft()
            lane.offsets.finish(one.record.offset)
            self._release(one)
            self._on_progress()
        if not queue:
            del lane.queues[key]

    def _set_aside(self, lane: _Lane, key: object, hold: Hold) -> None:
        """Set a key's records aside: the first for this reason, the others because they follow it."""
        queue = lane.queues[key]
        while queue:  # where its partition was revoked, nothing is left of it
            one = queue.pop()
            stopped = one.waited or (hold.stopped and not queue)
            lane.aside.add(one.record.offset, kept_key(one.record), Hold(hold.party, stopped))
            self._release(one)
        del lane.queues[key]
        self._on_progress()

    def _release(self, one: _Queued) -> None:
        self._records -= 1
        self._bytes -= one.size
        self._shares.remove(one.sender, one.size)


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
