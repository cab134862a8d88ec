"""What the answer to "is it ready?" means, and what ends an acknowledgement."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.systems.regix.answers import (
    CALL_ID,
    CODE,
    EGN,
    NOTHING,
    REQUEST,
    SOAP_12,
    TAKEN,
    answer,
    checked,
    data,
    enveloped,
    executed,
    failed,
    fault,
    response_to,
    result,
)
from tests.support.systems.regix.system import attempt, event, system
from worker.outcome import Accepted, Blocked, NotArrived, Rejected, Retry, Taken, Unknown
from worker.systems.later import AnswersLater
from worker.systems.port import NotPrepared
from worker.systems.regix.ready import ready_text

WAITING = Taken({"call_id": CALL_ID, "verification_code": CODE}, CALL_ID, ready_text(CALL_ID, CODE))
ARGUMENT = "<ExceptionDetail><Message></Message><Type>System.ArgumentException</Type></ExceptionDetail>"
NO_CALL = "There is no operation known with the provided id: 1024"

ROWS = [
    ("the report", checked(result()), Accepted),
    ("the report without a number", checked(result(call_id="0")), Accepted),
    ("the report in SOAP 1.2", answer(response_to("CheckResult", result(), SOAP_12)), Accepted),
    ("not ready", checked(result(NOTHING, ready="false")), Taken),
    ("not ready, with the code", checked(TAKEN), Taken),
    ("not ready, without a number", checked(result(NOTHING, ready="false", call_id="0")), Taken),
    ("a register's refusal", checked(failed("Няма данни", ready="true", call_id=CALL_ID)), Rejected),
    (
        "a register's refusal in RegiX's words",
        checked(failed("Wrong verification code", ready="true", call_id=CALL_ID)),
        Rejected,
    ),
    ("a fault without a word", answer(fault("", detail=ARGUMENT), 500), Unknown),
    ("a register that does not answer", checked(failed("timed out", ready="true")), Retry),
    ("the core could not ask", checked(failed("Error occurred! Value cannot be null.")), Unknown),
    ("the core could not ask in time", checked(failed("Error occurred! timed out")), Retry),
    ("an unknown number", checked(failed(NO_CALL)), NotArrived),
    ("a wrong code", checked(failed("Wrong verification code")), NotArrived),
    (
        "an unknown number, as a fault",
        answer(fault("No such serviceCallID could be found!"), 500),
        NotArrived,
    ),
    ("no access", checked(failed("Access denied!")), Blocked),
    ("an unknown operation", answer(fault("Element request.Operation is invalid."), 500), Blocked),
    (
        "an argument that was taken before",
        answer(fault("Element request.Argument is required"), 500),
        Unknown,
    ),
    ("another fault", answer(fault("Object reference not set"), 500), Unknown),
    # Hostile or broken.
    ("another request's report", checked(result(call_id="1025")), Unknown),
    ("another request, not ready", checked(result(NOTHING, ready="false", call_id="1025")), Unknown),
    ("another person's report", checked(result(data(request=REQUEST.replace(EGN, "7223154155")))), Blocked),
    ("an answer to Execute", executed(result()), Unknown),
    ("an empty answer", answer(response_to("CheckResult", "")), Unknown),
    ("no XML", answer(b"\xff"), Unknown),
    ("too long", answer(b"<a/>", truncated=True), Unknown),
    ("201", answer(response_to("CheckResult", result()), 201), Unknown),
    ("403", answer(b"", 403), Blocked),
    ("429", answer(b"", 429), Retry),
    ("503", answer(b"", 503), Unknown),
]


@pytest.fixture(scope="module")
def regix():
    return system()


@pytest.mark.parametrize(("given", "kind"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
async def test_the_answer_to_the_question(regix, given, kind):
    submission = event(asynchronous=True)
    asked = await regix.prepare_ask(submission, attempt(2), WAITING)
    assert type(regix.interpret_ask(submission, WAITING, asked, given)) is kind


async def test_a_new_code_takes_the_place_of_the_old_one(regix):
    submission = event(asynchronous=True)
    asked = await regix.prepare_ask(submission, attempt(2), WAITING)

    same = regix.interpret_ask(submission, WAITING, asked, checked(result(NOTHING, ready="false")))
    assert (same.call, same.reference, same.ready) == (WAITING.call, CALL_ID, WAITING.ready)
    other = checked(result(NOTHING, ready="false", code="1024.bmV3"))
    new = regix.interpret_ask(submission, WAITING, asked, other)
    assert new.call == {"call_id": CALL_ID, "verification_code": "1024.bmV3"}
    assert new.ready == ready_text(CALL_ID, "1024.bmV3")


async def test_what_writes_and_waits_is_refused_only_by_its_register(regix):
    submission = event(operation="SendNotaryDocuments", argument=None, xml="<a xmlns='urn:a'/>")
    asked = await regix.prepare_ask(submission, attempt(2), WAITING)

    def read(given):
        return type(regix.interpret_ask(submission, WAITING, asked, given))

    assert read(checked(failed("Отказ", ready="true"))) is Rejected
    assert read(checked(failed("timed out", ready="true"))) is Unknown
    assert read(checked(failed("Error occurred! no"))) is Unknown


ACKNOWLEDGED = [
    ("the empty answer", answer(response_to("AcknowledgeResultReceived", "")), True),
    ("forgotten before", answer(fault("No such serviceCallID could be found!"), 500), True),
    ("another fault", answer(fault("Object reference not set"), 500), False),
    ("another answer", checked(result()), False),
    ("500", answer(response_to("AcknowledgeResultReceived", ""), 500), False),
    ("no message", answer(enveloped("")), False),
    ("HTML", answer("<html/>"), False),
]


@pytest.mark.parametrize(
    ("given", "expected"), [row[1:] for row in ACKNOWLEDGED], ids=[row[0] for row in ACKNOWLEDGED]
)
async def test_when_nothing_is_left_to_tell(regix, given, expected):
    sent = await regix.prepare_acknowledgement(event(), attempt(3), WAITING)
    assert regix.is_acknowledged(WAITING, sent, given) is expected


async def test_an_operation_that_left_the_settings_is_still_asked_for():
    own = {"GetNews": {"operation": "New.API.INewAPI.GetNews", "writes": False}}
    submission = event(operation="GetNews", argument=None, xml="<a xmlns='urn:a'/>")
    before, after = system(operations=own), system()
    prepared = await before.prepare(submission, attempt())
    taken = before.interpret(submission, prepared, executed(TAKEN))

    asked = await after.prepare_ask(submission, attempt(2), taken)
    given = checked(result(data(request="<a xmlns='urn:a'/>")))
    assert type(after.interpret_ask(submission, taken, asked, given)) is Accepted


def test_the_system_has_the_port_for_later_answers(regix):
    assert isinstance(regix, AnswersLater)


async def test_without_a_key_nothing_is_asked():
    made = system(senders=["one", "two"])
    with pytest.raises(NotPrepared):
        await made.prepare_ask(event_of("two"), attempt(), WAITING)
    with pytest.raises(NotPrepared):
        await made.prepare_acknowledgement(event_of("two"), attempt(), WAITING)


def event_of(signer):
    return dataclasses.replace(event(), signer=signer)
