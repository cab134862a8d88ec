"""Retry-After: seconds, or a date by the answer's own clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.transport.retry_after import seconds_to_wait

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("120", "", 120.0),
        (" 7 ", "", 7.0),
        ("0", "", None),
        ("-3", "", None),
        ("1.5", "", None),
        ("١٢", "", None),
        ("9" * 5000, "", None),
        ("soon", "", None),
        ("", "", None),
        ("Sun, 01 Mar 2026 12:00:30 GMT", "", 30.0),
        ("Sun, 01 Mar 2026 11:59:30 GMT", "", None),
        ("Sun, 01 Mar 2026 13:00:30 GMT", "Sun, 01 Mar 2026 13:00:00 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", "nonsense", 30.0),
        ("Sun, 31 Feb 2026 12:00:30 GMT", "", None),
    ],
)
def test_what_was_asked_for(asked, date, seconds):
    assert seconds_to_wait({"retry-after": asked, "date": date}, NOW) == seconds


@given(st.text(), st.text())
def test_no_header_raises(asked, date):
    seconds = seconds_to_wait({"retry-after": asked, "date": date}, NOW)
    assert seconds is None or seconds > 0
