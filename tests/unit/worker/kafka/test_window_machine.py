"""The window against a model: whatever comes, finishes, fails, leaves or returns, in whatever order."""

from __future__ import annotations

import asyncio
from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.fakes.ports import settle
from worker.kafka.window import Window
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, Shutdown

KEYS = [b"a", b"b", b"c"]
PARTITIONS = [0, 1]
MAX_RECORDS, MAX_BYTES = 6, 60


class WindowMachine(RuleBasedStateMachine):
    """The model: per partition, a queue for each key, and which offsets are still open."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.window = Window(self._process, max_records=MAX_RECORDS, max_bytes=MAX_BYTES)
        self.queues: dict[tuple[int, bytes], deque[Record]] = {}
        self.taken: dict[int, int] = {}
        self.next = dict.fromkeys(PARTITIONS, 0)
        self.committed = dict.fromkeys(PARTITIONS, 0)
        self.running: dict[tuple[int, bytes], tuple[int, asyncio.Future[None]]] = {}
        self.running_on: list[asyncio.Future[None]] = []

    async def _process(self, record: Record, shutdown: Shutdown) -> None:
        assert record.key is not None
        lane = (record.partition, record.key)
        assert lane not in self.running, "two of one key at once"
        assert record is self.queues[lane][0], "out of order"
        assert not shutdown.draining.is_set(), "begun while shutdown"
        done = self.loop.create_future()
        self.running[lane] = entry = (record.offset, done)
        try:
            await done
        finally:
            if self.running.get(lane) is entry:
                del self.running[lane]

    def _run(self) -> None:
        self.loop.run_until_complete(settle(12))

    @rule(
        partition=st.sampled_from(PARTITIONS),
        batch=st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 20), st.integers(0, 2)), max_size=5),
    )
    def take(self, partition: int, batch: list[tuple[bytes, int, int]]) -> None:
        records = []
        for key, size, gap in batch:
            offset = self.next[partition] + gap
            self.next[partition] = offset + 1
            self.taken[partition] = offset
            records.append(Record("t", partition, offset, 0, key, b"x" * size, ()))
            self.queues.setdefault((partition, key), deque()).append(records[-1])

        async def take() -> None:
            self.window.take(records)

        self.loop.run_until_complete(take())
        self._run()

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        lane = data.draw(st.sampled_from(sorted(self.running)))
        self.queues[lane].popleft()
        self.running[lane][1].set_result(None)
        self._run()

    @rule()
    def commit(self) -> None:
        for (_, partition), offset in self.window.partitions.committable().items():
            assert offset >= self.committed[partition]
            self.committed[partition] = offset
            self.window.partitions.committed({("t", partition): offset})

    @rule(partition=st.sampled_from(PARTITIONS), fate=st.sampled_from(["finish", "release", "run on"]))
    def revoke(self, partition: int, fate: str) -> None:
        """The partition is drained, committed, forgotten, and comes again from the committed offset."""
        drain = self.loop.create_task(self.window.drain([("t", partition)], 0 if fate == "run on" else 60))
        self._run()
        for lane in [lane for lane in self.running if lane[0] == partition]:
            if fate == "finish":
                self.queues[lane].popleft()
                self.running[lane][1].set_result(None)
            elif fate == "release":
                self.running[lane][1].set_exception(Released())
            else:
                self.running_on.append(self.running.pop(lane)[1])
        self.loop.run_until_complete(drain)
        assert all(lane[0] != partition for lane in self.running)
        self.commit()
        self.window.forget([("t", partition)])
        for lane in [lane for lane in self.queues if lane[0] == partition]:
            del self.queues[lane]
        self.taken.pop(partition, None)
        self.next[partition] = self.committed[partition]

    @precondition(lambda self: self.running_on)
    @rule(handed_back=st.booleans())
    def end_what_ran_on(self, handed_back: bool) -> None:
        """What outlived its partition ends, and has no say in anything."""
        done = self.running_on.pop(0)
        if handed_back:
            done.set_exception(Released())
        else:
            done.set_result(None)
        self._run()

    @invariant()
    def every_key_with_work_is_worked_on(self) -> None:
        assert {lane for lane, queue in self.queues.items() if queue} == set(self.running)
        assert all(offset == self.queues[lane][0].offset for lane, (offset, _) in self.running.items())

    @invariant()
    def the_counts_are_right(self) -> None:
        waiting = [one for queue in self.queues.values() for one in queue]
        size = sum(len(one.key or b"") + len(one.value or b"") for one in waiting)
        assert (self.window.records, self.window._bytes) == (len(waiting), size)
        assert self.window.full == (len(waiting) >= MAX_RECORDS or size >= MAX_BYTES)
        assert not (self.window.full and self.window.has_room)

    @invariant()
    def nothing_unfinished_is_committable_and_everything_else_is(self) -> None:
        ready = self.window.partitions.committable()
        for partition, newest in self.taken.items():
            open_offsets = [
                one.offset for lane, queue in self.queues.items() if lane[0] == partition for one in queue
            ]
            position = ready.get(("t", partition), self.committed[partition])
            assert position == min(open_offsets, default=newest + 1)

    def teardown(self) -> None:
        self.loop.run_until_complete(self.window.stop(0))
        self._run()
        self.loop.close()


TestWindowMachine = WindowMachine.TestCase
TestWindowMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
