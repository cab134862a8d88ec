"""Many dead letters in few lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.unit.worker.admin.test_obstacles import letter
from worker.admin.histogram import Bar, histogram

ONE = letter()
NEXT_DAY = ONE.created_at + timedelta(days=1)


def test_those_that_agree_are_one_bar_and_the_longest_is_first():
    others = [replace(ONE, signer=None), replace(ONE, operation=None), replace(ONE, reason="not-json")]
    bars = histogram([*others, replace(ONE, created_at=NEXT_DAY), ONE])

    assert bars[0] == Bar(ONE.reason, ONE.operation, ONE.signer, 2, ONE.created_at, NEXT_DAY)
    assert [bar.count for bar in bars] == [2, 1, 1, 1]


def test_nothing_has_no_bars():
    assert histogram([]) == []
