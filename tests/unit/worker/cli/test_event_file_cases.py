"""Files of events of kinds that integrators reported; `herald submit` publishes what the contract takes, or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from worker.cli.event_file import BadFile, Expected, read_events

CASES = Path(__file__).parent / "cases"


def read(name):
    return read_events((CASES / name).read_bytes(), Expected(None, None, date(2025, 6, 1), 9999))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("submit-name-twice.json", "name once"),
        ("submit-nan.json", "NaN"),
        ("submit-half-surrogate.json", "surrogate"),
    ],
)
def test_what_json_libraries_read_differently_is_not_published(name, word):
    with pytest.raises(BadFile) as caught:
        read(name)
    (problem,) = caught.value.problems
    assert word in problem


def test_a_line_separator_within_an_event_ends_no_line():
    found = read("submit-line-separator.jsonl")
    assert [one.id for one in found] == ["case-1", "case-2"]
    assert sum("\u2028" in one.value.decode() or "\u0085" in one.value.decode() for one in found) >= 1
