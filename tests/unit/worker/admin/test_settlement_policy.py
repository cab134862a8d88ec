"""What a settlement publishes, and which settlements there may be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.replies import DeadLetterReference, ReplyKind
from contracts.reply_events import reply_id
from worker.admin.settlement_policy import (
    Refusal,
    Repeat,
    Statement,
    SubmissionStatus,
    Verdict,
    judge,
    reference_in,
    settled_reply,
)
from worker.pipeline.ports import Event, State
from worker.pipeline.routing import Route

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HELD_REPLY = Event("errors", b"p-1", b'{"code":"outcome-unknown"}', ())
HELD = SubmissionStatus(
    source="/his",
    id="s-1",
    type="nhis.adverse-reaction.register.v1",
    system="nhis",
    operation="adverse-reaction.register",
    identity="-",
    state=State.HELD,
    revision=1,
    attempts=1,
    first_attempt=AT,
    last_attempt=AT,
    current_dead_letter_id="d-1",
    reply=HELD_REPLY,
)
NOT_SENT = Statement(Verdict.NOT_SENT)
THERE = Statement(Verdict.ACCEPTED, {"nrn": "25073B00Q1X3"})
ELSEWHERE = Statement(Verdict.ACCEPTED, {"nrn": "25073B00Q1X4"})


def reply_to(statement, status=HELD):
    return settled_reply(
        status,
        statement,
        key=b"p-1",
        route=Route("*", "results", "errors"),
        dead_letter=DeadLetterReference(id="d-1", topic="dead"),
        traceparent="00-aa-bb-01",
        rnu="BGEM-1",
        at=AT,
    )


def after(statement):
    """How it stands once it was settled so."""
    current_dead_letter_id = None if statement.state is State.ACCEPTED else "d-1"
    return replace(
        HELD,
        state=statement.state,
        revision=2,
        current_dead_letter_id=current_dead_letter_id,
        reply=reply_to(statement),
    )


def test_what_is_there_is_accepted_and_says_who_stated_it():
    reply = reply_to(THERE)
    headers = {name: value.decode() for name, value in reply.headers}

    assert (reply.topic, reply.key) == ("results", b"p-1")
    assert json.loads(reply.value) == {
        "system": "nhis",
        "operation": "adverse-reaction.register",
        "data": {"nrn": "25073B00Q1X3"},
        "answer": None,
        "settled": {"at": "2026-03-01T12:00:00.000Z"},
    }
    assert headers["ce_id"] == reply_id("/his", "s-1", 2, ReplyKind.ACCEPTED)
    assert headers["ce_type"] == "nhis.adverse-reaction.register.accepted.v1"
    assert (headers["ce_revision"], headers["ce_traceparent"]) == ("2", "00-aa-bb-01")
    assert headers["ce_rnu"] == "BGEM-1"


def test_what_is_not_there_failed_and_keeps_its_dead_letter():
    reply = reply_to(NOT_SENT)
    value = json.loads(reply.value)

    assert reply.topic == "errors"
    assert (value["code"], value["deadLetter"]) == ("settled-not-sent", {"id": "d-1", "topic": "dead"})
    assert (value["attempts"], value["answer"]) == (1, None)


@pytest.mark.parametrize("statement", [NOT_SENT, THERE])
def test_what_is_held_may_be_settled(statement):
    assert judge(HELD, "d-1", statement, ordered=False) is None


@pytest.mark.parametrize("statement", [NOT_SENT, THERE])
def test_the_same_again_is_the_same_reply(statement):
    settled = after(statement)
    assert judge(settled, "d-1", statement, ordered=False) == Repeat(settled.reply)


@pytest.mark.parametrize(
    ("first", "then"), [(NOT_SENT, THERE), (THERE, NOT_SENT), (THERE, ELSEWHERE), (ELSEWHERE, THERE)]
)
def test_what_was_settled_stands(first, then):
    found = judge(after(first), "d-1", then, ordered=False)
    assert found == Refusal(f"It was already settled as {first.verdict}, and this is final.")


@pytest.mark.parametrize(
    ("status", "ordered"),
    [
        (HELD, True),
        (after(NOT_SENT), True),
        (replace(HELD, current_dead_letter_id="d-2"), False),
        (replace(HELD, state=State.CLAIMED, current_dead_letter_id=None, reply=None), False),
        (replace(HELD, state=State.FAILED), False),
        (replace(HELD, state=State.ACCEPTED, current_dead_letter_id=None), False),
        (replace(after(NOT_SENT), current_dead_letter_id="d-2"), False),
    ],
)
@pytest.mark.parametrize("statement", [NOT_SENT, THERE])
def test_what_moves_or_is_not_held_is_refused(status, ordered, statement):
    assert isinstance(judge(status, "d-1", statement, ordered=ordered), Refusal)


@pytest.mark.parametrize(
    ("reply", "reference"),
    [
        (HELD_REPLY, None),
        (Event("errors", b"p-1", b'{"reference":"25073B00Q1X3"}', ()), "25073B00Q1X3"),
        (Event("errors", b"p-1", b'{"reference":null}', ()), None),
        (Event("errors", b"p-1", b"[]", ()), None),
        (None, None),
        (reply_to(THERE), "25073B00Q1X3"),
        (reply_to(NOT_SENT), None),
    ],
)
def test_what_the_system_called_it_is_in_the_held_reply_and_in_a_settlement(reply, reference):
    assert reference_in(reply, "nrn") == reference
