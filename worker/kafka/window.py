"""The window: many submissions in progress, one per ordering key, bounded by count and bytes.

What has to wait for its source or its signer leaves it: only its offset is kept, and it is read again (`set_aside`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Protocol, TypeAlias

from contracts.immutable import immutable
from worker.cancelling import cancel
from worker.event_loop import current_task, running_loop
from worker.kafka.draining import drain
from worker.kafka.lane import Lane, Partition, QueuedRecord
from worker.kafka.partitions import Partitions
from worker.kafka.set_aside import kept_key
from worker.kafka.shares import WindowShares
from worker.pipeline.flood.causes import Hold, Party, Sender
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, SetAside, Shutdown, ends_task

log = logging.getLogger(__name__)

DEFECT_PAUSE = 10.0
"""Seconds before a record is tried again that an unexpected exception stopped."""

Process: TypeAlias = Callable[[Record, Shutdown], Awaitable[None]]


class Gate(Protocol):
    """Says whose submissions wait."""

    def holds(self, party: Party) -> bool:
        """Whether a source's or a signer's submissions wait."""

    def hold(self, sender: Sender) -> Hold | None:
        """Say why a sender's submissions wait, or None."""

    def admit(self, sender: Sender, *, waited: bool) -> Hold | None:
        """Let the current task begin a record of the sender; else say why it waits."""


@immutable
class Fill:
    """How many records and bytes are in a window, and at how many it is full."""

    records: int
    max_records: int
    bytes: int
    max_bytes: int


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
        self.partitions = Partitions(max_set_aside)
        self._records = 0
        self._bytes = 0
        self._running_on: list[Lane] = []
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
        return sum(lane.abandoned for lane in self.partitions.lanes)

    @property
    def fill(self) -> Fill:
        """How full it is."""
        return Fill(self._records, self._max_records, self._bytes, self._max_bytes)

    def take(self, records: Iterable[Record]) -> None:
        """Queue records, each behind the earlier ones of its key; or set them aside."""
        for record in records:
            lane = self.partitions.lane_of(record)
            if lane.offsets.goes_back_to(record.offset):
                self._take_again(lane, record)
                continue
            lane.offsets.take(record.offset)
            sender, key = self._sender_of(record), kept_key(record)
            if hold := lane.aside.blocked(key) or self._hold(sender):
                lane.aside.add(record.offset, key, hold)
            else:
                self._queue(lane, QueuedRecord(record, sender))

    def _take_again(self, lane: Lane, record: Record) -> None:
        """Take a record that was set aside, if it need no longer wait; nothing where it was taken before."""
        lane.gone += lane.aside.came(record.offset)
        sender = self._sender_of(record)
        waited = lane.aside.again(record.offset, partial(self._hold, sender))
        if waited is not None:
            self._queue(lane, QueuedRecord(record, sender, waited=waited.stopped))

    def _hold(self, sender: Sender) -> Hold | None:
        return (self._gate.hold(sender) if self._gate else None) or self._shares.hold(sender)

    def _waits(self, party: Party) -> bool:
        return (self._gate is not None and self._gate.holds(party)) or self._shares.holds(party)

    def _queue(self, lane: Lane, one: QueuedRecord) -> None:
        self._records += 1
        self._bytes += one.size
        self._shares.add(one.sender, one.size)
        # A record without a key has no order to keep; it becomes a dead letter on its own.
        key: object = one.record.key or one.record.offset
        if (queue := lane.queues.get(key)) is not None:
            queue.append(one)
        else:
            lane.queues[key] = deque([one])
            task = running_loop().create_task(self._run_key(lane, key))
            lane.tasks.add(task)
            task.add_done_callback(lane.tasks.discard)

    def read_again(self) -> dict[Partition, int]:
        """Return the partitions to read from another offset: see `Partitions.read_again`."""
        return self.partitions.read_again(self._waits, has_room=self.has_room)

    async def drain(self, partitions: Iterable[Partition], seconds: float) -> None:
        """Finish what is in flight for these partitions, within `seconds`; release the rest."""
        await drain(self.partitions.lanes_of(partitions), seconds)

    async def stop(self, seconds: float) -> None:
        """Finish all that is in flight, release the rest; after `seconds`, abort."""
        lanes = [*self.partitions.lanes, *self._running_on]
        late = await drain(lanes, seconds)
        for lane in lanes:
            lane.shutdown.abort()
        if late:
            log.warning("aborted exchanges at the end of the drain time", extra={"count": len(late)})
            await cancel(late)

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Drop partitions that were revoked; their unfinished records come again to their next owner.

        An exchange that is still in flight runs on, but no longer decides what is committed.
        """
        self._running_on = [lane for lane in self._running_on if lane.tasks]
        for partition in partitions:
            lane = self.partitions.remove(partition)
            if lane is not None and lane.tasks:
                lane.shutdown.drain()
                self._running_on.append(lane)
            while lane is not None:
                for queue in lane.queues.values():
                    for one in queue:
                        self._release(one)
                    queue.clear()
                lane = lane.before

    async def _run_key(self, lane: Lane, key: object) -> None:
        queue, task = lane.queues[key], current_task()
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

    def _set_aside(self, lane: Lane, key: object, hold: Hold) -> None:
        """Set a key's records aside: the first for this reason, the others because they follow it."""
        queue = lane.queues[key]
        while queue:  # where its partition was revoked, nothing is left of it
            one = queue.pop()
            stopped = one.waited or (hold.stopped and not queue)
            lane.aside.add(one.record.offset, kept_key(one.record), Hold(hold.party, stopped))
            self._release(one)
        del lane.queues[key]
        self._on_progress()

    def _release(self, one: QueuedRecord) -> None:
        self._records -= 1
        self._bytes -= one.size
        self._shares.remove(one.sender, one.size)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
