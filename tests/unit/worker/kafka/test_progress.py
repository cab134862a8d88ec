"""When a consumer counts as dead, by the times of its polls."""

from __future__ import annotations

import pytest

from worker.kafka.progress import DEAD_AFTER, REJOINING, PollProgress


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def progress(time: Time) -> PollProgress:
    return PollProgress(time)


def test_a_silence_is_a_death_only_after_its_limit(time: Time, progress: PollProgress) -> None:
    time.now += DEAD_AFTER
    assert progress.dead() is None
    time.now += 1
    assert progress.dead() == "the consumer has not polled for 121 s"
    progress.polled()
    progress.succeeded()
    assert progress.dead() is None


def test_polls_that_all_fail_are_a_death(time: Time, progress: PollProgress) -> None:
    for _ in range(4):
        time.now += 40
        progress.polled()
    assert progress.dead() == "every poll has failed for 160 s"


def test_a_rebalance_may_take_longer(time: Time, progress: PollProgress) -> None:
    progress.rejoining()
    time.now += REJOINING
    assert progress.dead() is None
    time.now += 1
    assert progress.dead() is not None
    progress.rejoined()
    progress.succeeded()
    time.now += DEAD_AFTER + 1
    assert progress.dead() is not None


def test_the_time_before_the_start_does_not_count(time: Time, progress: PollProgress) -> None:
    time.now += 10 * DEAD_AFTER
    progress.begin()
    assert progress.dead() is None
