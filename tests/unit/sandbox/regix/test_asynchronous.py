"""Asynchronous calls: taken, not ready, ready, acknowledged; verification codes; and when callbacks are due."""

from __future__ import annotations

import pytest

from sandbox.regix.callback_sender import is_reply, message_of
from tests.support.systems.regix.envelopes import (
    ASYNCHRONOUS,
    CONTEXT,
    NOTARY,
    NS,
    VALID_PERSON,
    egn_argument,
)
from tests.support.systems.regix.reading import response_of, result_of, said

CALLBACK = "<sd:CallbackURL>https://localhost/callback</sd:CallbackURL>"
GONE = "There is no operation known with the provided id: 1"


@pytest.fixture
def taken(world):
    answer = world.execute(processing=ASYNCHRONOUS, after=CALLBACK, sign="true")
    world.code = said(answer.body)["VerificationCode"]
    world.taken = answer
    return world


def call_of(world):
    return world.regix.entry_point.calls.pending[1]


def test_a_request_is_taken(taken):
    found = said(taken.taken.body)
    assert found | {"VerificationCode": None} == {
        "IsReady": "false",
        "HasError": "false",
        "Error": None,
        "ServiceCallID": "1",
        "VerificationCode": None,
    }
    assert taken.code.startswith("1.")
    assert taken.taken.kind == "not-ready"
    (noted,) = taken.ledger["executions"]
    assert (noted["outcome"], noted["asynchronous"]) == ("pending", True)
    assert noted["callback_url"] == "https://localhost/callback"


def test_codes_differ_and_are_repeatable(make):
    codes = [[said(w.execute(processing=ASYNCHRONOUS).body)["VerificationCode"] for _ in range(3)] for w in
             (make(), make())]  # fmt: skip
    assert codes[0] == codes[1]
    assert len(set(codes[0])) == 3


def test_the_result_comes_after_its_time(taken):
    before = said(taken.ask("CheckResult", 1, taken.code).body)
    assert (before["IsReady"], before["HasError"], before["ServiceCallID"]) == ("false", "false", "1")
    assert before["VerificationCode"] is None
    taken.time.pass_by(5)
    answer = taken.ask("CheckResult", 1, taken.code)
    found = said(answer.body)
    assert (found["IsReady"], found["ServiceCallID"], found["VerificationCode"]) == ("true", "1", taken.code)
    assert response_of(answer.body).findtext("v:FirstName", namespaces=NS) == "Измислена"
    taken.time.pass_by(1)
    assert taken.ask("CheckResult", 1, taken.code).body == answer.body
    assert [one["outcome"] for one in taken.ledger["checks"]] == ["not-ready", "ready", "ready"]
    assert len(taken.ledger["executions"]) == 1


def test_a_wrong_code_is_told_by_check_result_and_by_nothing_else(taken):
    taken.time.pass_by(5)
    found = said(taken.ask("CheckResult", 1, "1.wrong").body)
    assert (found["IsReady"], found["Error"], found["ServiceCallID"]) == (
        "false",
        "Wrong verification code",
        "0",
    )
    answer = taken.ask("AcknowledgeResultReceived", 1, "1.wrong")
    assert (answer.status, answer.kind) == (200, "acknowledged")
    assert said(taken.ask("CheckResult", 1, taken.code).body)["IsReady"] == "true"
    assert [one["outcome"] for one in taken.ledger["acknowledgements"]] == ["wrong-code"]


def test_an_acknowledged_result_is_gone(taken):
    taken.time.pass_by(5)
    assert taken.ask("AcknowledgeResultReceived", 1, taken.code).status == 200
    found = said(taken.ask("CheckResult", 1, taken.code).body)
    assert (found["IsReady"], found["Error"]) == ("false", GONE)
    taken.ask("AcknowledgeResultReceived", 1, taken.code)
    assert [one["outcome"] for one in taken.ledger["acknowledgements"]] == ["removed", "gone"]
    assert taken.regix.entry_point.calls.due(taken.time.now()) == []


def test_a_consumer_without_access_learns_nothing_and_removes_nothing(taken):
    taken.time.pass_by(5)
    assert said(taken.ask("CheckResult", 1, taken.code, "former").body)["HasError"] == "true"
    assert taken.ask("AcknowledgeResultReceived", 1, taken.code, "former").status == 200
    assert said(taken.ask("CheckResult", 1, taken.code).body)["IsReady"] == "true"
    assert taken.ledger["checks"][0]["outcome"] == "denied"
    assert taken.ledger["acknowledgements"][0]["outcome"] == "denied"


def test_a_synchronous_call_has_no_result_to_fetch(world):
    world.execute()
    assert said(world.ask("CheckResult", 1, "x").body)["Error"] == GONE


def test_a_request_may_have_a_time_of_its_own(make):
    world = make(async_by_service_uri=(("URI-9", 600.0),))
    context = CONTEXT.replace("URI-1", "URI-9")
    for one in (CONTEXT, context):
        world.execute(processing=ASYNCHRONOUS, context=one)
    waiting = [one.ready_at - world.time.now() for one in world.regix.entry_point.calls.pending.values()]
    assert [one.total_seconds() for one in waiting] == [5.0, 600.0]


def test_results_are_finished_on_request(world):
    for _ in range(3):
        world.execute(processing=ASYNCHRONOUS)
    assert world.regix.control("finish", [2, 9]) == {"finished": [2]}
    assert world.regix.control("finish", {}) == {"finished": [1, 3]}


def test_an_operation_may_answer_at_once_though_asked_not_to(make):
    found = said(make(at_once=(VALID_PERSON,)).execute(processing=ASYNCHRONOUS).body)
    assert (found["IsReady"], found["VerificationCode"]) == ("true", None)


def test_an_operation_may_answer_later_unasked(world):
    found = said(world.execute(NOTARY, "<a xmlns='urn:invented'/>").body)
    assert found["IsReady"] == "false"
    assert found["VerificationCode"].startswith("1.")


def test_an_error_may_come_later(world):
    error = {"operation": VALID_PERSON, "message": "No connection", "later": True}
    world.regix.control("errors", [error])
    code = said(world.execute(processing=ASYNCHRONOUS).body)["VerificationCode"]
    world.time.pass_by(5)
    found = said(world.ask("CheckResult", 1, code).body)
    assert (found["IsReady"], found["Error"]) == ("true", "No connection")
    assert (found["ServiceCallID"], found["VerificationCode"]) == ("1", code)


def test_other_flags_do_not_make_a_request_asynchronous(world):
    flags = "<sd:RequestProcessing>Verify</sd:RequestProcessing>"
    assert said(world.execute(processing=flags).body)["IsReady"] == "true"
    both = "<sd:RequestProcessing>Verify Asynchronous</sd:RequestProcessing>"
    assert said(world.execute(processing=both).body)["IsReady"] == "false"


def test_a_callback_is_due_when_the_result_is_ready_and_then_later_each_time(taken):
    calls, variants = taken.regix.entry_point.calls, taken.regix.entry_point.variants
    assert calls.due(taken.time.now()) == []
    taken.time.pass_by(5)
    for failures in (1, 2, 3):
        (call,) = calls.due(taken.time.now())
        calls.not_delivered(call, variants, taken.time.now())
        taken.time.pass_by(60 * failures - 1)
        assert calls.due(taken.time.now()) == []
        taken.time.pass_by(1)
    assert calls.due(taken.time.now()) == [call_of(taken)]


@pytest.mark.parametrize(("keep", "error"), [(False, GONE), (True, None)])
def test_a_delivered_callback_removes_the_result(make, keep, error):
    world = make(keep_after_callback=keep, async_seconds=0.0)
    code = said(world.execute(processing=ASYNCHRONOUS, after=CALLBACK).body)["VerificationCode"]
    world.regix.entry_point.calls.delivered(call_of(world), world.regix.entry_point.variants)
    assert world.regix.entry_point.calls.due(world.time.now()) == []
    assert said(world.ask("CheckResult", 1, code).body)["Error"] == error


def test_a_callback_is_an_envelope_with_the_result(taken):
    content = message_of(call_of(taken))
    found = said(content)
    assert (found["IsReady"], found["VerificationCode"]) == ("true", taken.code)
    path = [element.tag for element in result_of(content).iterancestors()]
    assert path == [
        f"{{{NS['r']}}}request",
        f"{{{NS['r']}}}ExecuteCallback",
        f"{{{NS['s']}}}Body",
        f"{{{NS['s']}}}Envelope",
    ]


REPLY = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (REPLY % b'<ExecuteCallbackResponse xmlns="http://egov.bg/RegiX"/>', True),
        (REPLY % b"", True),
        (REPLY % b"<s:Fault/>", False),
        (b"", False),
        (b"OK", False),
        (b"<a/>", False),
    ],
)
def test_what_counts_as_a_reply(content, taken):
    assert is_reply(content) is taken


def test_the_argument_decides_though_the_answer_is_made_later(world):
    code = said(
        world.execute(argument=egn_argument("ValidPersonRequest", "5826144029"), processing=ASYNCHRONOUS).body
    )["VerificationCode"]
    world.regix.control("consumers", {"name": "hospital", "hidden": {VALID_PERSON: ["FirstName"]}})
    world.time.pass_by(5)
    response = response_of(world.ask("CheckResult", 1, code).body)
    assert (
        response.findtext("v:FirstName", namespaces=NS) == "Измислен"
    )  # by the rights at the time of asking
