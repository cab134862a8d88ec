"""The time that an answer states."""

from __future__ import annotations

import pytest

from worker.transport.port import Answer
from worker.transport.stated_time import stated_time


def test_an_answer_without_a_date_states_no_time():
    assert stated_time(Answer(200, {}, b"")) is None


@pytest.mark.parametrize("year", ["1601", "1969", "9999"])
def test_a_year_that_no_clock_shows_is_no_time(year):
    assert stated_time(Answer(200, {"date": f"Mon, 01 Jan {year} 00:00:00 -2359"}, b"")) is None
