"""A clock that is as wrong as its file says, from one moment to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.moved_clock import MovedClock

DAY = 86_400


@pytest.mark.parametrize("offset", [None, 0, DAY, -DAY])
def test_the_wall_clock_is_moved_by_what_the_file_says(tmp_path, offset):
    file = tmp_path / "clock"
    if offset is not None:
        file.write_text(str(offset))

    off = MovedClock(file).now() - datetime.now(UTC)

    assert abs(off - timedelta(seconds=offset or 0)) < timedelta(seconds=5)


def test_time_that_never_goes_back_does_not_move(tmp_path):
    file = tmp_path / "clock"
    clock = MovedClock(file)
    before = clock.monotonic()
    file.write_text(str(-DAY))

    assert 0 <= clock.monotonic() - before < 5
