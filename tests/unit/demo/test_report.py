"""What the demo shows can be read, however wide the terminal is."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from contracts.reasons import ADVICE, Reason
from demo.nhis.records import nrn_of
from demo.nhis.scenario import Nhis
from demo.report import Timing, show_dead_letters, show_submissions, show_verdict, summary
from tests.support.demo.expected_run import expected_run

NHIS = Nhis()
BEGAN = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)


def shown(width: int, show, *arguments) -> list[str]:
    output = io.StringIO()
    show(Console(file=output, width=width), *arguments)
    return [line.rstrip() for line in output.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 120, 140, 200])
def test_every_submission_is_one_line_with_its_whole_number(width):
    results = expected_run().results
    timings = {step.id: Timing(12, BEGAN, BEGAN + timedelta(seconds=34.56)) for step in results.steps}

    lines = shown(width, show_submissions, NHIS, results, timings)

    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    for step in results.steps:
        (line,) = (line for line in lines if line.startswith(f"{step.id} "))
        assert (nrn_of(results.answers[step.id][0]) or "") in line
        assert step.patient.pseudonym.removeprefix("patient-") in line
        assert step.expected.kind in line
        assert " 12  34.6" in line
        assert step.patient.egn not in line


def test_notes_stand_beside_where_there_is_room_and_below_where_not():
    results = expected_run().results

    wide, narrow = (shown(width, show_submissions, NHIS, results, {}) for width in (140, 80))

    assert any(line.startswith("dose1-01") and "answer lost" in line for line in wide)
    assert "    answer lost after NHIS had registered it" in narrow


def test_a_submission_without_answer_or_time():
    results = expected_run().results
    results.answers.clear()

    lines = shown(100, show_submissions, NHIS, results, {})

    assert lines[3].split()[:7] == ["dose1-01", "register", "e94b5913", "no", "answer", "-", "-"]


def test_dead_letters_say_where_why_and_what_to_do():
    lines = " ".join(" ".join(shown(100, show_dead_letters, expected_run().results)).split())

    assert "4 in the topics herald.<system>.dead-letters" in lines
    for name, reason in {
        "broken-07": Reason.CONTRACT_VIOLATION,
        "dose2-06": Reason.CONFLICT,
        "lot-08": Reason.UNKNOWN_CODE,
        "reaction-09": Reason.OUTCOME_UNKNOWN,
    }.items():
        assert f"{name} {reason}" in lines
    assert ADVICE[Reason.CONFLICT] in lines


def test_the_document():
    good = expected_run()

    assert summary(good.results, {"nhis": "35 immunizations"}, [], 12.345) == {
        "submissions": 48,
        "accepted": 42,
        "rejected": 3,
        "failed": 3,  # two failed, one held
        "dead_letters": 4,
        "registered": {"nhis": "35 immunizations"},
        "mismatches": [],
        "seconds": 12.3,
    }


def test_the_verdict_names_each_mismatch():
    good = expected_run()
    document = summary(good.results, {"nhis": "35 immunizations"}, ["dose1-01: [b] is wrong"], 1.0)

    lines = shown(100, show_verdict, document, {"nhis": "NHIS"})

    assert "Not as expected: dose1-01: [b] is wrong" in lines
    assert not any("Every outcome" in line for line in lines)
