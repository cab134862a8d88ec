"""Which offset may be committed: never one beyond a record that is still in work."""

from __future__ import annotations

import pytest

from worker.kafka.offsets import PartitionOffsets


def _taken(*offsets: int) -> PartitionOffsets:
    tracked = PartitionOffsets()
    for offset in offsets:
        tracked.take(offset)
    return tracked


def test_nothing_taken_is_nothing_to_commit() -> None:
    assert PartitionOffsets().committable() is None


def test_the_oldest_unfinished_record_holds_the_offset_back() -> None:
    tracked = _taken(5, 6, 7)
    tracked.finish(6)
    tracked.finish(7)
    assert tracked.committable() == 5
    tracked.finish(5)
    assert tracked.committable() == 8


def test_a_gap_in_the_log_is_no_unfinished_record() -> None:
    tracked = _taken(5, 9, 20)
    tracked.finish(5)
    assert tracked.committable() == 9
    tracked.finish(9)
    tracked.finish(20)
    assert tracked.committable() == 21


def test_a_gap_that_was_read_past_is_committed_past_once_all_before_it_is_finished() -> None:
    tracked = _taken(5)
    tracked.read_to(9)
    assert tracked.committable() == 5
    tracked.finish(5)
    assert tracked.committable() == 9
    tracked.read_to(7)
    assert tracked.committable() == 9
    assert tracked.goes_back_to(8)


def test_a_partition_that_gave_no_record_is_committed_as_far_as_it_was_read() -> None:
    tracked = PartitionOffsets()
    tracked.read_to(4)
    assert tracked.committable() == 4


def test_what_is_committed_is_not_committed_again() -> None:
    tracked = _taken(5)
    tracked.finish(5)
    tracked.committed(6)
    assert tracked.committable() is None
    tracked.take(6)
    assert tracked.committable() is None
    tracked.finish(6)
    assert tracked.committable() == 7


@pytest.mark.parametrize("offset", [4, 5, 6])
def test_an_offset_is_taken_once(offset: int) -> None:
    tracked = _taken(5, 6)
    with pytest.raises(ValueError, match="taken already"):
        tracked.take(offset)
    assert tracked.unfinished == 2


def test_only_what_was_taken_can_be_finished_and_only_once() -> None:
    tracked = _taken(5)
    with pytest.raises(KeyError):
        tracked.finish(6)
    tracked.finish(5)
    with pytest.raises(KeyError):
        tracked.finish(5)
