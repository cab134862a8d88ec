"""What an operator is told of asks: failures in a row, and being late by much."""

from __future__ import annotations

import pytest

from worker.pipeline.asking.record import FAILURES, LATE, AskRecord


def test_a_single_failure_says_little_and_many_say_why() -> None:
    record = AskRecord()
    for _ in range(FAILURES - 1):
        record.failed("unavailable")
        assert record.failing is None
    record.failed("answer-timeout")
    assert record.failing == f"the last {FAILURES} asks for answers failed: answer-timeout"
    record.went_well()
    assert record.failing is None
    record.failed("unavailable")
    assert record.failing is None


@pytest.mark.parametrize(("late", "told"), [(0.0, False), (LATE - 1, False), (LATE, True)])
def test_being_late_by_much_is_told_until_it_is_over(late: float, told: bool) -> None:
    record = AskRecord()
    record.taken(late)
    assert (record.late is not None) is told
    record.taken(0.0)
    assert record.late is None
