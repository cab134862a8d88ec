"""The retry policy: its schedule, its jitter, what a system may ask for, and when it is over."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.retry import RetryPolicy


class FixedRandom(Random):
    """Draws the same number always."""

    def __init__(self, drawn: float) -> None:
        super().__init__()
        self._drawn = drawn

    def random(self) -> float:
        return self._drawn


def _delay(
    policy: RetryPolicy, attempts: int, *, asked: float | None = None, drawn: float = 0.0, tried: float = 0.0
) -> float | None:
    """Return the seconds until the next attempt; ``tried``: how long it has been tried for."""
    return policy.delay(tries=attempts, spent=tried, asked=asked, random=FixedRandom(drawn))


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (8, 128), (9, 256), (10, 300), (11, 300), (5000, 300)],
)
def test_delays_double_up_to_the_maximum(attempts: int, seconds: float) -> None:
    assert _delay(RetryPolicy(), attempts) == seconds


def test_the_first_delay_is_the_initial_one() -> None:
    assert _delay(RetryPolicy(initial=0.25), 1) == 0.25
    assert _delay(RetryPolicy(initial=0.25), 3) == 1.0


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 8.0), (0.5, 8.8), (1.0, 9.6)])
def test_jitter_only_ever_adds_and_no_more_than_its_share(drawn: float, seconds: float) -> None:
    assert _delay(RetryPolicy(), 4, drawn=drawn) == pytest.approx(seconds)


@given(attempts=st.integers(0, 200), seed=st.integers())
def test_jitter_stays_in_its_bounds(attempts: int, seed: int) -> None:
    policy = RetryPolicy(initial=2.0, maximum=90.0, jitter=0.5)
    delay = policy.delay(tries=attempts, spent=0.0, asked=None, random=Random(seed))
    assert delay is not None
    base = min(2.0 * 2 ** max(attempts - 1, 0), 90.0)
    assert base <= delay <= base * 1.5 + 1e-5


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (None, 4.0),
        (0.0, 0.0),  # at once
        (-3.0, 0.0),
        (1.0, 4.0),  # less than our own delay
        (50.0, 50.0),
        (120.0, 120.0),
        (86_400.0, 120.0),  # capped
        (float("inf"), 120.0),
    ],
)
def test_what_the_system_asks_for_is_the_least_wait_and_capped(asked: float | None, seconds: float) -> None:
    assert _delay(RetryPolicy(longest_asked=120.0), 3, asked=asked) == seconds


@pytest.mark.parametrize(
    ("tried", "over"), [(0.0, False), (595.9, False), (596.0, False), (596.1, True), (100_000.0, True)]
)
def test_it_is_over_when_the_next_attempt_would_come_too_late(tried: float, over: bool) -> None:
    # The third delay is 4 s, and 600 s after the first attempt it ends.
    assert (_delay(RetryPolicy(give_up_after=600.0), 3, tried=tried) is None) is over


def test_at_once_is_over_too_when_the_time_is() -> None:
    policy = RetryPolicy(give_up_after=600.0)
    assert _delay(policy, 3, asked=0.0, tried=600.0) == 0.0
    assert _delay(policy, 3, asked=0.0, tried=600.1) is None


def test_a_wait_that_reaches_beyond_the_end_is_not_started() -> None:
    assert _delay(RetryPolicy(give_up_after=600.0), 1, asked=601.0) is None


def test_the_whole_schedule_ends_within_its_time() -> None:
    policy = RetryPolicy(initial=1.0, maximum=300.0, jitter=0.2, give_up_after=3600.0)
    random, spent, tries = Random(7), 0.0, 0
    while (delay := policy.delay(tries=tries + 1, spent=spent, asked=None, random=random)) is not None:
        tries, spent = tries + 1, spent + delay
    assert spent <= 3600.0 < spent + 361
    assert 15 <= tries <= 25
