"""What people read of a reply."""

from __future__ import annotations

import json

import pytest

from contracts.export.examples import example_files
from worker.cli.reply_lines import lines_of
from worker.cli.reply_reader import Reply


def shown(headers, data):
    return list(lines_of(Reply("herald.nhis.errors", ("herald.nhis.errors", 0, 0), 0, headers, data)))


def example(name):
    found = example_files()[name]
    return shown(found["headers"], json.loads(json.dumps(found["value"], default=dict)))


def test_an_accepted_reply_tells_its_numbers():
    assert example("nhis.immunization.register.accepted.v1") == [
        "2025-000123  accepted  nrn 25073B00Q1X3, lrn 0e0f8f0a-4b0c-4a53-9d6e-2f4a53c1b7d1, status 1"
    ]


@pytest.mark.parametrize(("reference", "known"), [("c-1", "as c-1, "), (None, "")])
def test_one_that_was_taken_tells_until_when_its_answer_is_asked_for(reference, known):
    data = {
        "reference": reference,
        "takenAt": "2026-03-01T12:00:00.000Z",
        "giveUpAt": "2026-03-08T12:00:00.000Z",
    }
    (line,) = shown({"ce_type": "regix.report.request.taken.v1", "ce_submissionid": "1"}, data)
    told = "taken at 2026-03-01T12:00:00.000Z; the answer is asked for until 2026-03-08T12:00:00.000Z"
    assert line == f"1  taken  {known}{told}"


def test_a_rejection_names_the_field_that_the_system_blames():
    first, stated = example("nhis.immunization.register.rejected.v1")
    assert first.startswith("2025-000123  rejected  rejected: ")
    assert stated.startswith("    immunization/doseNumber  E002 RL063: Номерът")


def test_a_failure_names_the_fields_that_are_wrong_and_the_dead_letter():
    first, problem, letter = example("nhis.immunization.register.failed.v1")
    assert first.startswith("2025-000123  failed  contract-violation: ")
    assert (
        problem
        == "    $.data.patient.identifier  egn-check-digit: Correct the EGN: its check digit does not fit."
    )
    assert letter.startswith("    dead letter 5f0c7d0e")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"data": None},
        {"errors": 1},
        {"errors": [1, {}], "problems": None},
        {"message": None},
        {"deadLetter": 5},
    ],
)
def test_any_object_is_shown(data):
    assert shown({"ce_type": "a.failed.v1", "ce_submissionid": "1"}, data)[0].startswith("1  failed  ")


def test_what_is_no_reply_is_said():
    assert shown({}, {}) == ["herald.nhis.errors: a record that is not a reply of Herald"]


def test_no_control_character_reaches_the_terminal():
    lines = shown(
        {"ce_type": "a.rejected.v1", "ce_submissionid": "1"},
        {"code": "c", "message": "a\x1b[2Jb\r\nc\u009bd"},
    )
    assert lines == ["1  rejected  c: a [2Jb c d"]


def test_what_turns_a_line_around_or_cannot_be_written_is_escaped():
    headers = {"ce_type": "a.rejected.v1", "ce_submissionid": "1"}
    assert shown(headers, {"code": "c", "message": "a\u202eb\ud800"}) == ["1  rejected  c: a\\u202eb\\ud800"]


def test_a_notification_tells_what_it_is_about_and_what_it_says():
    topic, data = "herald.nhis.notifications", {"paymentId": "17", "status": "paid"}
    headers = {"ce_type": "nhis.payment.status-changed.v1", "ce_submissionid": "s-1"}
    lines = [list(lines_of(Reply(topic, (topic, 0, 0), 0, one, data))) for one in (headers, {})]
    assert lines == [
        ["s-1  nhis.payment.status-changed.v1  paymentId 17, status paid"],
        ["-    paymentId 17, status paid"],
    ]
