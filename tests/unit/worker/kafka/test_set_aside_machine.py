"""The window over a log whose senders wait and go on in any order: keys in order, each record once, none lost."""

from __future__ import annotations

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.fakes.ports import settle
from worker.kafka.shares import WindowShares
from worker.kafka.window import Window
from worker.pipeline.flood.causes import Hold, Party, Scope, Sender
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import SetAside, Shutdown

KEYS = [b"k", b"l", b"m", None]
SOURCES = ["a", "b", "c"]
PARTIES = [Party(Scope.SOURCE, name) for name in SOURCES]
MAX_RECORDS, MAX_ASIDE, MOST_AT_ONCE = 8, 6, 4
PLACE = ("t", 0)


def _sender(record: Record) -> Sender:
    return Sender((record.value or b"").decode())


class Gate:
    """Holds back whom the test says."""

    def __init__(self) -> None:
        self.held: set[Party] = set()

    def holds(self, party: Party) -> bool:
        return party in self.held

    def hold(self, sender: Sender) -> Hold | None:
        return next((Hold(party, stopped=True) for party in sender.parties if party in self.held), None)

    def admit(self, sender: Sender, *, waited: bool) -> Hold | None:
        return self.hold(sender)


class SetAsideMachine(RuleBasedStateMachine):
    """The model: one partition's log, where the consumer stands in it, and what became of each record."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.gate = Gate()
        self.window = Window(
            self._process,
            max_records=MAX_RECORDS,
            max_bytes=1000,
            sender_of=_sender,
            gate=self.gate,
            shares=WindowShares({Scope.SOURCE: 0.5}, max_records=MAX_RECORDS, max_bytes=1000),
            max_set_aside=MAX_ASIDE,
        )
        self.log: list[Record] = []
        self.start = 0
        self.position = 0
        self.read = 0
        self.committed = 0
        self.running: dict[int, asyncio.Future[None]] = {}
        self.finished: set[int] = set()
        self.lost: set[int] = set()

    async def _process(self, record: Record, shutdown: Shutdown) -> None:
        offset = record.offset
        assert offset not in self.finished | self.lost, "again"
        if record.key is not None:
            earlier = {one.offset for one in self.log[:offset] if one.key == record.key}
            assert earlier <= self.finished | self.lost, "out of order"
        self.running[offset] = self.loop.create_future()
        try:
            await self.running[offset]
        finally:
            del self.running[offset]
        self.finished.add(offset)

    def _run(self) -> None:
        self.loop.run_until_complete(settle(12))

    def _poll(self, number: int) -> None:
        """What the consumer does at each poll."""
        for place, offset in self.window.read_again().items():
            assert place == PLACE
            self.position = offset
        if self.position < self.start:
            self.position = self.start
            self.window.partitions.go_on_from(PLACE, self.start)
        for place, offsets in self.window.partitions.gone.items():
            assert place == PLACE
            assert all(offset < self.start for offset in offsets)
            self.lost |= set(offsets)
            self.window.partitions.written_off(PLACE, list(offsets))
        if self.window.full or self.window.partitions.is_crowded(PLACE):
            return
        batch = self.log[self.position : self.position + number]

        async def take() -> None:
            self.window.take(batch)

        self.loop.run_until_complete(take())
        self.position += len(batch)
        self.read = max(self.read, self.position)
        self._run()
        self.window.partitions.read_to(PLACE, self.position)

    @rule(batch=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(SOURCES)), max_size=6))
    def publish(self, batch: list[tuple[bytes | None, str]]) -> None:
        for key, source in batch:
            self.log.append(Record("t", 0, len(self.log), 0, key, source.encode(), ()))

    @rule(number=st.integers(1, MOST_AT_ONCE))
    def poll(self, number: int) -> None:
        self._poll(number)

    @rule(party=st.sampled_from(PARTIES))
    def hold_back(self, party: Party) -> None:
        self.gate.held.add(party)

    @rule(party=st.sampled_from(PARTIES))
    def let_go_on(self, party: Party) -> None:
        self.gate.held.discard(party)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.running[data.draw(st.sampled_from(sorted(self.running)))].set_result(None)
        self._run()

    @precondition(lambda self: self.running)
    @rule(data=st.data(), party=st.sampled_from(PARTIES), stopped=st.booleans())
    def set_one_aside(self, data: st.DataObject, party: Party, stopped: bool) -> None:
        """As the engine does, when it finds that the record has to wait; its party may be free again by then."""
        offset = data.draw(st.sampled_from(sorted(self.running)))
        self.running[offset].set_exception(SetAside(Hold(party, stopped)))
        self._run()

    @rule(number=st.integers(1, 3))
    def delete_the_oldest(self, number: int) -> None:
        self.start = min(self.start + number, self.read)

    @invariant()
    def nothing_unfinished_is_committed(self) -> None:
        offset = self.window.partitions.committable().get(PLACE, self.committed)
        assert offset >= self.committed
        self.committed = offset
        self.window.partitions.committed({PLACE: offset})
        assert set(range(offset)) <= self.finished | self.lost

    @invariant()
    def little_is_set_aside(self) -> None:
        # What was in the window, and one batch, may come to it once the bound is reached.
        assert self.window.partitions.set_aside.total() <= MAX_ASIDE + MAX_RECORDS + 2 * MOST_AT_ONCE

    @invariant()
    def the_counts_are_right(self) -> None:
        taken = (
            self.window.records
            + self.window.partitions.set_aside.total()
            + len(self.finished)
            + len(self.lost)
        )
        gone = sum(len(offsets) for offsets in self.window.partitions.gone.values())
        assert taken + gone == self.read

    def teardown(self) -> None:
        self.gate.held.clear()
        for _ in range(20 + 10 * len(self.log)):
            self._poll(MOST_AT_ONCE)
            for done in list(self.running.values()):
                done.set_result(None)
            self._run()
        assert self.finished | self.lost == set(range(len(self.log)))
        assert not self.finished & self.lost
        assert self.window.partitions.set_aside.total() == self.window.records == self.window._bytes == 0
        assert not self.window._shares._parts
        self.loop.run_until_complete(self.window.stop(0))
        self.loop.close()


TestSetAsideMachine = SetAsideMachine.TestCase
TestSetAsideMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
