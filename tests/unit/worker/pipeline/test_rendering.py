"""Replies keep within what their topic takes: bulk stays behind under its evidence id, the rest is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, StatedError
from worker.pipeline.decision import Finish, held
from worker.pipeline.ports import Event, Record, State
from worker.pipeline.rendering import Renderer, without_value
from worker.pipeline.reply_context import ReplyContext
from worker.pipeline.routing import Routing
from worker.transport.port import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = Record("t", 0, 1, 0, b"key", b"{}", ())
LIMIT = 32_000


def rendered(data, body):
    answer = Answer(200, {"content-type": "application/xml"}, body)
    context = ReplyContext(
        SubmissionRef("/his", "1", "nhis.certificate.fetch.v1", "doctor"),
        operation="certificate.fetch",
        answer=answer,
        evidence_id="message-1",
    )
    return reply_to(context, Finish(State.ACCEPTED, Accepted(data)))


def reply_to(context, end):
    renderer = Renderer("nhis", Routing.of("herald.", "nhis"), max_reply_bytes=LIMIT)
    reply = renderer.final(RECORD, context, end, AT).reply
    assert len(reply.value) <= LIMIT
    return json.loads(reply.value)


@pytest.mark.parametrize(
    ("content", "body", "told", "shown"),
    [
        pytest.param("QQ==", b"<a/>", "QQ==", "<a/>", id="all fits"),
        pytest.param("QQ==", b"<a>" + b"x" * 40_000, "QQ==", None, id="the answer is too large"),
        pytest.param("A" * 20_000, b"<a>" + b"x" * 20_000, "A" * 20_000, None, id="only together too large"),
        pytest.param("A" * 40_000, b"<a/>", None, None, id="the data is too large by itself"),
    ],
)
def test_what_is_too_large_is_referred_to(content, body, told, shown):
    reply = rendered({"content": content, "bytes": 3}, body)
    assert reply["data"] == {"content": told, "bytes": 3}
    assert reply["answer"]["body"] == shown
    assert reply["answer"]["evidenceId"] == (None if shown else "message-1")


@pytest.mark.parametrize(
    ("count", "size", "told"), [(3, 10, 3), (2000, 50, 100), (2000, 1000, 10), (2, 60_000, 0)]
)
def test_of_errors_that_do_not_fit_the_first_are_reported_and_how_many_more(count, size, told):
    errors = tuple(StatedError(type="E002", reason=f"{n} " + "x" * size) for n in range(count))
    context = ReplyContext(
        SubmissionRef("/his", "1", "nhis.immunization.register.v1", "doctor"), "immunization.register"
    )
    reply = reply_to(context, Finish(State.REJECTED, Rejected(errors)))
    assert [one["type"] for one in reply["errors"]][:told] == ["E002"] * told
    if told < count:
        assert reply["errors"][told]["reason"].startswith(f"{count - told} more")
    assert len(reply["errors"]) == told + (told < count)


ERRORS = (StatedError(type="E003", reason="Подписът е на друго лице", description=("RL029",)),)
REGISTRATION = ReplyContext(
    SubmissionRef("/his", "1", "nhis.immunization.register.v1", "doctor"), "immunization.register"
)


@pytest.mark.parametrize(
    ("end", "reference"),
    [
        (
            Finish(
                State.FAILED,
                Blocked(Reason.ACCESS_DENIED, "refused", ERRORS),
                Reason.ACCESS_DENIED,
                "refused",
            ),
            None,
        ),
        (held(Blocked(Reason.ACCESS_DENIED, "refused", ERRORS), "refused"), None),
        (held(AlreadyExists(ERRORS, "25073B00Q1X3"), "no answer"), "25073B00Q1X3"),
        (held(Rejected(ERRORS), "no answer"), None),
    ],
)
def test_what_waits_for_a_person_tells_the_systems_own_errors_and_the_number_that_it_named(end, reference):
    reply = reply_to(REGISTRATION, end)
    assert [(one["type"], one["description"]) for one in reply["errors"]] == [("E003", ["RL029"])]
    assert reply.get("reference") == reference
    assert ("reference" in reply) == (end.state is State.HELD)


def test_a_dead_letter_without_its_value_says_how_large_it_was():
    letter = without_value(Event("dead", b"k", b"x" * 5, (("herald-reason", b"too-large"),)))
    assert (letter.key, letter.value) == (b"k", None)
    assert letter.headers == (("herald-reason", b"too-large"), ("herald-value-left-out", b"5"))
