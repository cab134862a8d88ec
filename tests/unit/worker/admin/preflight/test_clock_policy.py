"""How far other clocks are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.admin.preflight import clock_policy as policy
from worker.admin.preflight.findings import Verdict

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("other", "resolution", "expected"),
    [
        (NOW, timedelta(), timedelta()),
        (NOW + SECOND, timedelta(), timedelta()),  # between the two readings, 2 s apart
        (NOW + 5 * SECOND, timedelta(), 3 * SECOND),
        (NOW - 3 * SECOND, timedelta(), -3 * SECOND),
        (NOW - timedelta(seconds=0.9), SECOND, timedelta()),  # whole seconds
        (NOW - 3 * SECOND, SECOND, -2 * SECOND),
    ],
)
def test_the_difference_that_is_certain(other, resolution, expected):
    assert policy.skew(other, NOW, NOW + 2 * SECOND, resolution) == expected


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, Verdict.OK), (5, Verdict.OK), (5.1, Verdict.WARN), (60, Verdict.WARN), (60.1, Verdict.FAIL)],
)
def test_verdicts(seconds, sign, verdict):
    found = policy.judged(sign * timedelta(seconds=seconds), "its clock")
    assert found.verdict == verdict
    if seconds:
        assert ("ahead" if sign > 0 else "behind") in found.detail


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("Sun, 01 Mar 2026 12:00:00 GMT", Verdict.OK),
        ("Sun, 01 Mar 2026 12:10:00 GMT", Verdict.FAIL),
        (None, Verdict.SKIPPED),
        ("yesterday", Verdict.SKIPPED),
    ],
)
def test_dates_of_answers(date, verdict):
    assert policy.of_answer(date, NOW, NOW + SECOND, "s").verdict == verdict


def test_records_of_the_future():
    assert [one.verdict for one in policy.of_records({}, 4, NOW)] == [Verdict.OK]
    (found,) = policy.of_records({"t": NOW + 90 * SECOND}, 4, NOW)
    assert (found.verdict, found.subject, "90 s" in found.detail) == (Verdict.WARN, "t", True)
