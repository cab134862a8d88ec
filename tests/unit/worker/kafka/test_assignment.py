"""Which poll counts: the last one, until the next rebalance and until the consumer stops."""

from __future__ import annotations

from tests.support.fakes.intake import P0, P1
from worker.kafka.assignment import Assignment


def test_nothing_counts_before_the_first_poll() -> None:
    assert Assignment().counts is False


def test_a_poll_counts_until_the_next_rebalance() -> None:
    assignment = Assignment()
    assignment.rebalance()
    assignment.assign({P0})
    assert assignment.counts is False
    assignment.polled()
    assert assignment.counts is True
    assignment.rebalance()
    assert assignment.counts is False


def test_no_poll_counts_while_the_consumer_stops() -> None:
    assignment = Assignment()
    assignment.polled()
    assignment.stopping = True
    assert assignment.counts is False


def test_an_assignment_replaces_the_one_before() -> None:
    assignment = Assignment()
    assert (assignment.joined, assignment.places) == (False, [])
    assignment.assign({P0})
    assignment.assign({P1})
    assert (assignment.joined, assignment.places) == (True, [("submissions", 1)])
    assignment.assign(())
    assert (assignment.joined, assignment.places) == (True, [])
