"""When the first step of a message was taken, by two clocks of which one may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.systems.ssev.begun import Begun
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def dated(text):
    return Answer(200, {"date": text}, b"")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Sun, 01 Mar 2026 11:59:58 GMT", Begun(NOW - timedelta(seconds=2), NOW)),
        ("Sat, 28 Feb 2026 12:00:00 GMT", Begun(NOW - DAY, NOW)),
        ("Mon, 02 Mar 2026 12:00:00 GMT", Begun(NOW, NOW + DAY)),
        ("", Begun(NOW, NOW)),
        ("yesterday", Begun(NOW, NOW)),
    ],
)
def test_it_is_told_by_both_clocks(stated, expected):
    begun = Begun.by(NOW, dated(stated))
    assert begun == expected
    assert Begun.of(begun.progress()) == begun


def test_the_progress_of_the_version_before_has_one_time():
    assert Begun.of({"begun": NOW.isoformat(), "template": "[]"}) == Begun(NOW, NOW)


@pytest.mark.parametrize(
    ("begun", "known"),
    [
        (Begun(NOW - DAY, NOW), Begun(NOW - DAY, NOW)),
        (Begun(NOW, NOW + DAY), Begun(NOW, NOW + DAY)),
        (Begun(NOW + timedelta(minutes=9), NOW + DAY), Begun(NOW + timedelta(minutes=9), NOW + DAY)),
        (Begun(NOW + DAY, NOW + DAY), Begun(NOW - 7 * DAY, NOW + DAY)),
    ],
    ids=["before", "now", "clocks-differ", "still-to-come"],
)
def test_a_beginning_that_is_still_to_come_is_not_known(begun, known):
    assert begun.known_at(NOW) == known
