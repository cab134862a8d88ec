"""Days and points in time are written as the schema declares them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from worker.systems.nhis.dates import Days, written_moment
from worker.xml.plan import TimeKind

SOFIA = ZoneInfo("Europe/Sofia")


@pytest.mark.parametrize(
    ("day", "time_of_day", "kind", "text"),
    [
        (date(2025, 3, 14), None, TimeKind.DATE, "2025-03-14"),
        (date(2025, 3, 14), None, None, "2025-03-14"),
        (date(2025, 3, 14), None, TimeKind.DATE_TIME, "2025-03-14T12:30:00+02:00"),
        (date(2025, 7, 14), time(23, 59, 59), TimeKind.DATE_TIME, "2025-07-14T23:59:59+03:00"),
        # The local mean time of Sofia, in whole minutes: xs:dateTime knows no others.
        (date(1872, 3, 15), time(0, 0), TimeKind.DATE_TIME, "1872-03-15T00:00:00+01:33"),
    ],
)
def test_a_day(day, time_of_day, kind, text):
    assert Days(SOFIA, time(12, 30)).written(day, time_of_day).text(kind) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (TimeKind.DATE, "2026-03-02"),
        (TimeKind.DATE_TIME, "2026-03-02T00:30:00.005+02:00"),
        (None, "2026-03-02T00:30:00.005+02:00"),
    ],
)
def test_a_moment_is_of_the_day_of_its_zone(kind, text):
    moment = datetime(2026, 3, 1, 22, 30, 0, 5000, tzinfo=UTC)
    assert written_moment(moment, SOFIA).text(kind) == text
