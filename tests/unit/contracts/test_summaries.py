"""What is left of replies of each kind: outcome and identifiers, and nothing that tells of a patient."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from contracts.replies import (
    AcceptedReply,
    DeadLetterReference,
    FailedReply,
    FieldProblem,
    HeldReply,
    RejectedReply,
    Settled,
    StatedError,
    SystemAnswer,
)
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef
from contracts.summaries import LONGEST, MESSAGE, RETAINED, summary

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANSWERED = SubmissionRef("/his", "s-1", "nhis.immunization.register.v1")
SECRET = "Радка Измислена"
ANSWER = SystemAnswer(status=200, content_type="application/xml", body=f"<name>{SECRET}</name>")
REFUSAL = {
    "system": "nhis",
    "operation": "immunization.register",
    "message": f"The national system refused it: {SECRET}",
    "errors": (StatedError(type="E002", reason=SECRET, description=(SECRET,), faulty_attribute=SECRET),),
    "problems": (FieldProblem(path="$.data", rule="rule", message=SECRET),),
    "attempts": 3,
    "first_attempt": AT,
    "last_attempt": AT,
    "dead_letter": DeadLetterReference(id="d-1", topic="dead"),
    "answer": ANSWER,
}
ACCEPTED = AcceptedReply(
    system="nhis",
    operation="immunization.register",
    data={
        "nrn": "25073B00Q1X3",
        "status": "1",
        "count": 2,
        "final": True,
        "nothing": None,
        "results": [{"name": SECRET}],
        "patient": {"name": SECRET},
        "content": SECRET + "x" * LONGEST,
    },
    answer=ANSWER,
    settled=Settled(at=AT),
)


def _summarized(reply):
    message = reply_event(ANSWERED, reply, revision=2, at=AT)
    return message, summary(message.headers, message.value)


def test_of_an_accepted_one_the_identifiers_stay():
    _, (_, value) = _summarized(ACCEPTED)
    assert json.loads(value) == {
        "system": "nhis",
        "operation": "immunization.register",
        "data": {"nrn": "25073B00Q1X3", "status": "1", "count": 2, "final": True}
        | dict.fromkeys(["nothing", "results", "patient", "content"]),
        "answer": None,
        "settled": {"at": "2026-03-01T12:00:00.000Z"},
    }


@pytest.mark.parametrize(
    "reply",
    [
        RejectedReply(**REFUSAL),
        FailedReply(**REFUSAL, code="retries-exhausted"),
        HeldReply(**REFUSAL, code="outcome-unknown"),
    ],
    ids=lambda reply: reply.kind,
)
def test_of_the_others_code_classes_and_times_stay(reply):
    _, (_, value) = _summarized(reply)
    said = json.loads(value)
    assert (said["code"], said["attempts"], said["deadLetter"]["id"]) == (reply.code, 3, "d-1")
    assert said["errors"] == [
        {"type": "E002", "reason": None, "description": [], "faultyAttribute": None, "id": None}
    ]
    assert (said["message"], said["problems"], said["answer"]) == (MESSAGE, [], None)
    assert said["firstAttempt"] == "2026-03-01T12:00:00.000Z"
    assert SECRET.encode() not in value
    assert type(reply).model_validate_json(value)


def test_it_is_the_same_event_and_marked():
    message, (headers, _) = _summarized(ACCEPTED)
    assert headers == (*message.headers, (RETAINED, b"summary"))


def test_a_summarys_summary_is_itself():
    _, (headers, value) = _summarized(ACCEPTED)
    assert summary(headers, value) == (headers, value)


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ((), b"{}"),
        ((("ce_type", b"x"),), b"{}"),
        ((("ce_type", b"nhis.immunization.register.v1"),), b"{}"),
        ((("ce_type", b"nhis.immunization.register.accepted.v1"),), b"no JSON"),
        ((("ce_type", b"nhis.immunization.register.accepted.v1"),), None),
    ],
)
def test_what_is_no_reply_is_refused(headers, value):
    with pytest.raises(ValueError):  # noqa: PT011 - also pydantic's own, which is one
        summary(headers, value)
