"""When an answer is asked for: the schedule, as a table."""

from __future__ import annotations

import pytest

from worker.pipeline.asking.policy import AskPolicy

POLICY = AskPolicy(first=10, factor=2, maximum=100, give_up_after=1000)


@pytest.mark.parametrize(
    ("asked", "expected"), [(None, 10), (0, 10), (5, 10), (60, 60), (500, 500), (5000, 1000)]
)
def test_the_first_ask_waits_as_long_as_the_system_wants_but_not_beyond_the_end(
    asked: float | None, expected: float
) -> None:
    assert POLICY.begin(asked) == expected


@pytest.mark.parametrize(
    ("asks", "left", "asked", "expected"),
    [
        (0, 900, None, 10),
        (1, 900, None, 20),
        (3, 900, None, 80),
        (4, 900, None, 100),
        (10_000, 900, None, 100),
        (0, 900, 300, 300),
        (0, 900, 2000, 900),  # never beyond the end: the last ask is then
        (4, 30, None, 30),
        (4, 0.5, None, 0.5),
        (4, 0, None, None),
        (0, -5, 300, None),
    ],
)
def test_waits_grow_to_the_longest_and_the_last_ask_is_at_the_end(
    asks: int, left: float, asked: float | None, expected: float | None
) -> None:
    assert POLICY.next(asks, left=left, asked=asked) == expected


def test_a_factor_of_one_keeps_the_pace() -> None:
    policy = AskPolicy(first=7, factor=1, maximum=100, give_up_after=1000)
    assert [policy.next(asks, left=900, asked=None) for asks in (0, 1, 50)] == [7, 7, 7]
