"""Dates and moments as clients write them: what is taken, as what, and what is said of the rest."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import ContractViolation, validate
from contracts.times import NotATime, read_day, read_moment

ISSUE = "erx.prescription.issue.v1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-14T07:30:00Z", datetime(2025, 3, 14, 7, 30, tzinfo=UTC)),
        ("2025-03-14T09:30:00.1234567+02:00", datetime(2025, 3, 14, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2025-03-14T07:30:00.123456Z", datetime(2025, 3, 14, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2025-03-14T07:30:00.123456789Z", datetime(2025, 3, 14, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2025-03-14T07:30:00.5Z", datetime(2025, 3, 14, 7, 30, 0, 500000, tzinfo=UTC)),
        ("2025-03-14t07:30:00z", datetime(2025, 3, 14, 7, 30, tzinfo=UTC)),
        (
            "2025-03-14T07:30:00.99999999999999999999-00:00",
            datetime(2025, 3, 14, 7, 30, 0, 999999, tzinfo=UTC),
        ),
    ],
)
def test_moments(text, expected):
    assert read_moment(text) == expected


@pytest.mark.parametrize("digits", range(1, 10))
@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", "+02:00"])
@pytest.mark.parametrize("between", ["T", "t"])
def test_moments_of_every_precision_reach_the_register_as_milliseconds(changed, digits, zone, between):
    text = f"2025-03-14{between}09:30:00.{'987654321'[:digits]}{zone}"
    model = validate(ISSUE, changed(ISSUE, {"authoredOn": text}), today=date(2025, 6, 1))
    assert model.authored_on.microsecond == int("987654"[:digits].ljust(6, "0"))


def said(read, value):
    with pytest.raises(NotATime) as caught:
        read(value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2025-03-14", "Give the time too"),
        ("2025-03-14 07:30:00Z", "Put a T"),
        ("2025-03-14T07:30Z", "seconds"),
        ("2025-03-14T07:30", "seconds"),
        ("2025-03-14T07:30:00", "zone"),
        ("2025-03-14T07:30:00.1234567", "zone"),
        ("2025-03-14T07:30:00+0200", "colon"),
        ("2025-03-14T07:30:00+02:00[Europe/Sofia]", "brackets"),
        ("2025-02-30T07:30:00Z", "no such moment"),
        ("2025-03-14T24:30:00Z", "no such moment"),
        ("2016-12-31T23:59:60Z", "leap second"),
        ("2017-01-01T01:59:60.999999999+02:00", "leap second"),
        ("2016-12-31t23:59:60z", "leap second"),
        ("2016-12-31T23:59:60", "zone"),
        ("2016-12-31T23:59:61Z", "no such moment"),
        ("2016-12-31T23:60:00Z", "no such moment"),
        ("2025-03-14T07:30:00+24:00", "no such moment"),
        ("0001-01-01T00:00:00+02:00", "no such moment"),
        ("14.03.2025", "with its zone"),
        ("", "with its zone"),
        (1741937400, "JSON string"),
        ([2025, 3, 14], "JSON string"),
        (None, "JSON string"),
    ],
)
def test_what_is_wrong_with_a_moment_is_said(text, word):
    assert word in said(read_moment, text)


@pytest.mark.parametrize(
    ("text", "word"), [("2025-03-14T07:30:00", "zone"), ("2016-12-31T23:59:60Z", "leap second")]
)
def test_the_sentence_reaches_the_sender(changed, text, word):
    with pytest.raises(ContractViolation) as caught:
        validate(ISSUE, changed(ISSUE, {"authoredOn": text}), today=date(2025, 6, 1))
    assert [(one.path, one.rule, word in one.message) for one in caught.value.problems] == [
        ("$.data.authoredOn", "date-time", True)
    ]


@pytest.mark.parametrize(
    "time",
    [
        "",
        "T00:00:00",
        "T00:00:00Z",
        "t00:00:00z",
        "T00:00:00.0000000",
        "T00:00:00+02:00",
        "T00:00Z",
        " 00:00:00",
    ],
)
def test_midnight_is_its_day(problems, time):
    assert read_day(f"2025-03-14{time}") == date(2025, 3, 14)
    register = "nhis.immunization.register.v1"
    assert problems(register, {"immunization.occurrence": f"2025-03-14{time}"}) == []
    # The rules between fields read the same day.
    assert problems(register, {"immunization.occurrence": f"2026-03-14{time}"}) != []


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("2025-03-13T22:00:00Z", "only at midnight"),
        ("2025-03-14T00:00:00.001Z", "only at midnight"),
        ("2025-03-14T", "only at midnight"),
        ("2016-12-31T23:59:60Z", "only at midnight"),
        ("2017-01-01T00:00:60Z", "only at midnight"),
        ("2025-02-30", "no such day"),
        ("2025-02-30T00:00:00Z", "no such day"),
        ("20250314", "YYYY-MM-DD"),
        ("2025-3-14", "YYYY-MM-DD"),
        ("٢٠٢٥-03-14", "YYYY-MM-DD"),
        (20250314, "YYYY-MM-DD"),
        ([2025, 3, 14], "YYYY-MM-DD"),
        (None, "YYYY-MM-DD"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(value, word):
    assert word in said(read_day, value)


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]*[Zz+-]?[0-9:]*", fullmatch=True))
def test_any_text_is_a_time_or_a_sentence(text):
    for read in (read_day, read_moment):
        with contextlib.suppress(NotATime):
            read(text)


def test_no_contract_reads_times_in_another_way():
    from contracts.fields import moment_of

    assert moment_of("2025-03-14t07:30:00.123456789z") == read_moment("2025-03-14T07:30:00.123456Z")
