"""Pauses grow, give the last failure as the answer, and end."""

from __future__ import annotations

import pytest

from worker.signing.pkcs11.recess import LONGEST, Recess
from worker.signing.port import SigningFailed


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_failed_yet(clock):
    Recess(clock).require_over()


@pytest.mark.parametrize("transient", [True, False])
def test_while_it_lasts_the_failure_is_the_answer(clock, transient):
    recess = Recess(clock)
    recess.begin(SigningFailed("the token is gone", transient=transient))

    with pytest.raises(SigningFailed, match="the token is gone") as caught:
        recess.require_over()

    assert caught.value.transient is transient
    clock.now += LONGEST
    recess.require_over()


def test_pauses_double_up_to_the_longest(clock):
    recess = Recess(clock)

    assert [_pause(recess, clock) for _ in range(8)] == [0.25, 0.5, 1, 2, 4, 8, 10, 10]


def test_success_makes_the_next_pause_short_again(clock):
    recess = Recess(clock)
    for _ in range(4):
        _pause(recess, clock)
    recess.end()

    assert _pause(recess, clock) == 0.25


def _pause(recess: Recess, clock: Clock) -> float:
    """Begin a pause and return how long it lasts, to a hundredth."""
    recess.begin(SigningFailed("gone", transient=True))
    begun = clock.now
    while True:
        try:
            recess.require_over()
        except SigningFailed:
            clock.now = round(clock.now + 0.01, 2)
        else:
            return round(clock.now - begun, 2)
