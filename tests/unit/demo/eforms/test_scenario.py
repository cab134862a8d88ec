"""The demo answers a request for a service by its notification, and sees what is missing."""

from __future__ import annotations

from contracts import registry
from contracts.eforms.examples import RECEIVED
from demo.edelivery.messages import HOSPITAL_PROFILE
from demo.eforms.requests import ANSWERED, FILES, OPENED, RESPOND, RNU, SYSTEM, phases
from demo.eforms.scenario import SCENARIO
from demo.steps import ACCEPTED, Answer, Results, Step
from tests.support.contract_events import TODAY

NOTICE = {**RECEIVED, "files": [{"name": name} for name in FILES]}
SENT = {"messageId": 9, "rnu": RNU, "senderProfileId": HOSPITAL_PROFILE}
STEP = Step.of(ANSWERED, SYSTEM, RESPOND, signer="s", data={}, key="k", rnu=RNU)


def results(*notices, message_id=9):
    made = Results()
    made.notifications[OPENED] = [Answer("received", notice, b"", RNU) for notice in notices]
    made.answers[ANSWERED] = [Answer(ACCEPTED, {"data": {"messageId": message_id}}, b"", RNU)]
    return made


def found(made, *messages):
    return list(SCENARIO.mismatches([STEP], made, {"messages": list(messages)}))


def test_the_answer_fits_its_contract_and_has_the_request_s_number():
    (step,) = phases()[-1].steps(results(NOTICE))

    registry.validate(f"{SYSTEM}.{RESPOND}.v1", step.data, today=TODAY)
    assert step.rnu == RNU


def test_without_a_notification_there_is_no_answer():
    assert phases()[-1].steps(results()) == []


def test_nothing_is_found_when_all_is_well():
    assert found(results(NOTICE), SENT) == []


def test_a_difference_is_found():
    assert "expected 1 with its number" in found(results(), SENT)[0]
    assert "does not name both files" in found(results({**NOTICE, "files": []}), SENT)[0]
    assert "with its one slip" in found(results({**NOTICE, "request": None}), SENT)[0]
    assert found(results(NOTICE, message_id=8), SENT) == [
        "ef-response: the reply states the message [8], the system has [9]"
    ]
    assert found(results(NOTICE), SENT, SENT) == [
        "ef-response: the reply states the message [9], the system has [9, 9]"
    ]
