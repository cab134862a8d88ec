"""Calls of a system that do not return."""

from __future__ import annotations

import pytest

from worker.pipeline.hanging import RunningCalls


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("request_seconds", "alive", "hanging"), [(90.0, 900, 901), (4.0, 600, 601), (0.0, 600, 601)]
)
def test_a_call_hangs_once_all_its_timeouts_must_have_ended_it(request_seconds, alive, hanging):
    clock = Clock()
    calls = RunningCalls(clock, request_seconds)
    with calls.one():
        clock.now = alive
        assert calls.hanging() is None
        clock.now = hanging
        assert calls.hanging() == f"a call has not returned for {hanging} s"
    assert calls.hanging() is None


def test_the_oldest_call_decides_and_one_that_failed_is_over():
    clock = Clock()
    calls = RunningCalls(clock, 1.0)
    with calls.one():
        clock.now = 400
        with pytest.raises(ValueError, match="x"), calls.one():
            raise ValueError("x")
        with calls.one():
            clock.now = 700
            assert calls.hanging() == "a call has not returned for 700 s"
    with calls.one():
        assert calls.hanging() is None
