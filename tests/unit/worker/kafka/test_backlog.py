"""How far a worker is behind in a partition, and since when nothing was committed."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition

from worker.kafka.backlog import Backlog

P0, P1, P2 = (TopicPartition("t", number) for number in range(3))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backlog(clock) -> Backlog:
    return Backlog(clock)


def _stuck(backlog, committed, taken):
    return backlog.of([(P0, committed, taken)])[0].stuck_seconds


def test_what_is_all_committed_is_not_stuck_however_long_it_is_idle(backlog, clock):
    backlog.note([(P0, 5, 5)])
    clock.now = 3600
    assert _stuck(backlog, 5, 5) == 0


def test_a_record_after_an_idle_hour_is_not_stuck_for_an_hour(backlog, clock):
    backlog.note([(P0, 5, 5)])
    clock.now = 3600
    backlog.note([(P0, 5, 6)])
    clock.now = 3602
    assert _stuck(backlog, 5, 6) == 2


def test_the_age_begins_anew_when_the_offset_moves(backlog, clock):
    backlog.note([(P0, 5, 9)])
    clock.now = 10
    backlog.note([(P0, 7, 9)])
    clock.now = 11
    assert _stuck(backlog, 7, 9) == 1


def test_later_records_do_not_hide_that_the_offset_does_not_move(backlog, clock):
    for second in range(10):
        clock.now = second
        backlog.note([(P0, 5, 6 + second)])
    assert _stuck(backlog, 5, 20) == 9


def test_what_was_committed_since_the_last_note_is_not_stuck(backlog, clock):
    backlog.note([(P0, 5, 9)])
    clock.now = 10
    assert _stuck(backlog, 9, 9) == 0
    assert _stuck(backlog, 7, 9) == 0


def test_a_partition_of_which_nothing_was_ever_committed_is_stuck_too(backlog, clock):
    backlog.note([(P0, None, 3)])
    clock.now = 4
    backlog.note([(P0, None, 3)])
    assert _stuck(backlog, None, 3) == 4
    assert _stuck(backlog, None, None) == 0


def test_lag_is_what_is_not_committed_of_what_kafka_has(backlog, clock):
    backlog.read_ends({P0: 100, P1: 3})
    clock.now = 7
    first, second, third = backlog.of([(P2, 1, 1), (P0, 40, 60), (P1, None, None)])
    assert (first.partition, first.lag, first.end_age) == (P0, 60, 7)
    assert (second.partition, second.lag) == (P1, None)
    assert (third.partition, third.lag, third.end_age) == (P2, None, None)


def test_partitions_of_the_same_number_are_apart(backlog, clock):
    other = TopicPartition("u", 0)
    backlog.read_ends({P0: 10, other: 20})
    backlog.note([(P0, 5, 9), (other, 5, 5)])
    clock.now = 3
    found = backlog.of([(other, 5, 5), (P0, 5, 9)])
    assert [(one.partition, one.lag, one.stuck_seconds) for one in found] == [(P0, 5, 3), (other, 15, 0)]


def test_an_end_that_was_read_before_a_commit_gives_no_negative_lag(backlog):
    backlog.read_ends({P0: 10})
    assert backlog.of([(P0, 12, 12)])[0].lag == 0


def test_a_new_assignment_forgets_all(backlog, clock):
    backlog.note([(P0, 5, 9)])
    backlog.read_ends({P0: 10})
    clock.now = 9
    backlog.reset()
    (found,) = backlog.of([(P0, 5, 9)])
    assert (found.stuck_seconds, found.lag) == (0, None)
