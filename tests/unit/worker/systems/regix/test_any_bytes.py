"""Arbitrary bytes neither raise nor count as success, in answers and in calls; nor do changed valid answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.systems.regix.answers import (
    CALL_ID,
    CODE,
    EGN,
    XML,
    failed,
    fault,
    response_to,
    result,
)
from tests.support.systems.regix.system import attempt, event, system
from worker.outcome import Accepted, NotArrived, Outcome, Taken
from worker.systems.calls import Call, CallRefused, Ready
from worker.systems.regix.ready import ready_text
from worker.transport.port import Answer

WAITING = Taken({"call_id": CALL_ID, "verification_code": CODE}, CALL_ID, ready_text(CALL_ID, CODE))
VALID = [
    response_to("Execute", result()),
    response_to("CheckResult", result()),
    response_to("Execute", failed("Access denied!")),
    response_to("AcknowledgeResultReceived", ""),
    fault("No such serviceCallID could be found!"),
]
PIECES = st.sampled_from(
    [
        "<s:Body>",
        "</s:Body>",
        "<IsReady>true</IsReady>",
        "<HasError>false</HasError>",
        "<Data id='data'>",
        "x",
        "<",
        "&a;",
    ]
)


@pytest.fixture(scope="module")
def regix():
    return system()


@st.composite
def bodies(draw):
    """Return any bytes, or a valid answer with a piece cut out, doubled or put in."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=300))
    text = draw(st.sampled_from(VALID))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 200)))
    middle = draw(st.sampled_from(["", text[start:end] * 2]) | PIECES)
    return (text[:start] + middle + text[end:]).encode()


ANSWERS = st.builds(
    lambda status, body, truncated: Answer(status, XML, body, truncated),
    st.sampled_from([200, 200, 200, 201, 301, 400, 403, 404, 413, 429, 500, 503]),
    bodies(),
    st.booleans(),
)


@given(given_answer=ANSWERS)
@settings(max_examples=300, deadline=None)
async def test_answers(regix, given_answer):
    submission = event()
    prepared = await regix.prepare(submission, attempt())
    asked = await regix.prepare_ask(submission, attempt(2), WAITING)

    outcome = regix.interpret(submission, prepared, given_answer)
    later = regix.interpret_ask(submission, WAITING, asked, given_answer)
    assert isinstance(outcome, Outcome)
    assert isinstance(later, Outcome | NotArrived)
    assert isinstance(regix.is_acknowledged(WAITING, asked, given_answer), bool)
    for one in (outcome, later):
        if isinstance(one, Accepted):
            assert given_answer.status == 200
            assert not given_answer.truncated
            assert b"<IsReady>true</IsReady>" in given_answer.body
            assert b"<HasError>false</HasError>" in given_answer.body
            assert EGN.encode() in given_answer.body


@given(body=st.binary(max_size=500), status=st.sampled_from([200, 500]))
@settings(max_examples=200, deadline=None)
async def test_bytes_of_strangers_are_no_success(regix, body, status):
    submission = event()
    prepared = await regix.prepare(submission, attempt())
    given_answer = Answer(status, XML, body)

    assert not isinstance(regix.interpret(submission, prepared, given_answer), Accepted | Taken)
    assert not isinstance(regix.interpret_ask(submission, WAITING, prepared, given_answer), Accepted | Taken)


CALLS = st.builds(
    lambda method, path, body, kind: Call(method, path, "", {"content-type": kind}, body, "192.0.2.1"),
    st.sampled_from(["POST", "GET", "PUT", ""]),
    st.sampled_from(["", "/", "x", "../"]),
    bodies(),
    st.sampled_from(["text/xml", "application/soap+xml", "", "text/xml; charset=utf-16"]),
)


@given(call=CALLS)
@settings(max_examples=200, deadline=None)
async def test_calls(regix, call):
    received = await regix.receive(call)

    assert isinstance(received, Ready | CallRefused)
    for answered in (regix.receipt(call), regix.refusal(call, 400), regix.refusal(call, 503)):
        assert b"Envelope" in answered.body
