"""The offset tracker against a model: gaps, any order of finishing, commits that fail or come late."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from worker.kafka.offsets import PartitionOffsets


class OffsetsMachine(RuleBasedStateMachine):
    """The model: which offsets are unfinished, where the next one is taken, and what Kafka has as committed."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker = PartitionOffsets()
        self.unfinished: list[int] = []
        self.next: int | None = None
        self.committed: int | None = None
        self.under_way: int | None = None

    @rule(gap=st.integers(0, 3))
    def take(self, gap: int) -> None:
        offset = (self.next or 0) + gap
        self.tracker.take(offset)
        self.unfinished.append(offset)
        self.next = offset + 1

    @rule(offset=st.integers(0, 50))
    def read_to(self, offset: int) -> None:
        self.tracker.read_to(offset)
        self.next = max(offset, self.next or 0)

    @precondition(lambda self: self.next)
    @rule(data=st.data())
    def an_offset_that_was_taken_is_refused(self, data: st.DataObject) -> None:
        offset = data.draw(st.integers(0, self.next - 1))  # type: ignore[operator]
        assert self.tracker.goes_back_to(offset)
        with pytest.raises(ValueError, match="was taken already"):
            self.tracker.take(offset)

    @precondition(lambda self: self.unfinished)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        offset = data.draw(st.sampled_from(self.unfinished))
        self.tracker.finish(offset)
        self.unfinished.remove(offset)

    @rule(offset=st.integers(0, 50))
    def what_is_not_in_work_cannot_finish(self, offset: int) -> None:
        if offset not in self.unfinished:
            with pytest.raises(KeyError):
                self.tracker.finish(offset)

    @precondition(lambda self: self.under_way is None)
    @rule()
    def begin_a_commit(self) -> None:
        self.under_way = self.tracker.committable()

    @precondition(lambda self: self.under_way is not None)
    @rule(works=st.booleans())
    def end_a_commit(self, works: bool) -> None:
        """It ends after more was taken and finished, or fails and is not repeated as such."""
        if works:
            assert self.under_way is not None
            self.tracker.committed(self.under_way)
            self.committed = self.under_way
        self.under_way = None

    @invariant()
    def what_is_committable_is_all_below_the_oldest_unfinished(self) -> None:
        position = min(self.unfinished, default=self.next)
        assert self.tracker.committable() == (None if position == self.committed else position)
        assert self.tracker.unfinished == len(self.unfinished)
        assert self.tracker.next == self.next

    @invariant()
    def nothing_ever_moves_back(self) -> None:
        position = self.tracker.committable()
        assert position is None or self.committed is None or position > self.committed


TestOffsetsMachine = OffsetsMachine.TestCase
TestOffsetsMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
