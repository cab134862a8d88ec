"""An open transaction is told once it has lasted, with partition and since when, and no longer than it lasts."""

from __future__ import annotations

import logging

import pytest

from worker.kafka.open_transactions import TOLD_AFTER, OpenTransactions

NOON = 1_792_000_000.0
LASTED = "an open transaction of a producer: partition 2 waits at offset 7 since 2026-10-14T17:46:40Z"


class Clock:
    def __init__(self) -> None:
        self.now = NOON


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_ones(clock: Clock) -> OpenTransactions:
    return OpenTransactions("submissions", lambda: clock.now)


def test_it_is_reported_once_it_has_lasted_and_logged_once(
    open_ones: OpenTransactions, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    open_ones.note(2, 7, 7, 9)
    assert open_ones.told is None
    clock.now += TOLD_AFTER
    for _ in range(3):
        open_ones.note(2, 7, 7, 20)
    assert open_ones.told == LASTED
    open_ones.note(2, 20, 20, 20)
    assert open_ones.told is None
    assert [one.levelname for one in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize(
    ("position", "stable", "end"),
    [(7, 7, 7), (5, 7, 9), (7, None, None), (7, -1, 9)],
    ids=["nothing open", "more to read before it", "not known yet", "not told by the broker"],
)
def test_what_is_no_standing_still_is_not_reported(
    open_ones: OpenTransactions, clock: Clock, position: int, stable: int | None, end: int | None
) -> None:
    open_ones.note(2, position, stable, end)
    clock.now += 2 * TOLD_AFTER
    open_ones.note(2, position, stable, end)
    assert open_ones.told is None


def test_the_next_transaction_counts_anew(open_ones: OpenTransactions, clock: Clock) -> None:
    open_ones.note(2, 7, 7, 9)
    clock.now += TOLD_AFTER - 1
    open_ones.note(2, 12, 12, 14)
    clock.now += TOLD_AFTER - 1
    open_ones.note(2, 12, 12, 14)
    assert open_ones.told is None


def test_new_partitions_begin_with_nothing(open_ones: OpenTransactions, clock: Clock) -> None:
    open_ones.note(2, 7, 7, 9)
    clock.now += TOLD_AFTER
    open_ones.note(2, 7, 7, 9)
    open_ones.reset()
    assert open_ones.told is None
