"""A thread that computes leaves the event loop its turns."""

from __future__ import annotations

import sys

import pytest

from worker import interpreter_lock


@pytest.fixture(autouse=True)
def _as_before():
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_a_thread_that_computes_gives_way_ten_times_as_soon_as_pythons_own():
    sys.setswitchinterval(0.005)
    interpreter_lock.serve()
    assert sys.getswitchinterval() == pytest.approx(interpreter_lock.SWITCH_SECONDS) == 0.0005
