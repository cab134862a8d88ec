"""The table of answers: what every status with every kind of body means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from tests.support.systems.peu.service import REFUSAL, SOAP_12, enveloped, fault, invented, updated
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.systems.answer_settings import OperatorError
from worker.systems.peu.interpret import Rules, interpret_call, interpret_register
from worker.systems.peu.settings import PeuSettings
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RULES = Rules(frozenset({429}), PeuSettings.model_fields["refusal_codes"].default)
SERVICE = invented()
PAGE = b"<!DOCTYPE html><html/>"
FAULT_12 = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>Не</s:Text></s:Reason></s:Fault>"
)


def call(status, body=b"", *, rules=RULES, truncated=False, **headers):
    answer = Answer(status, {"content-type": "text/xml; charset=utf-8", **headers}, body, truncated)
    return interpret_call(SERVICE, "UpdateService", answer, rules, NOW)


def read(status, body=b"", **headers):
    return interpret_register(Answer(status, headers, body), RULES, NOW)


def test_the_message_that_the_wsdl_names_is_success():
    outcome = call(200, enveloped(updated("<id>7</id><changed>2026-01-02T03:04:05</changed>")))
    assert outcome == Accepted(
        {"operation": "UpdateService", "result": {"id": 7, "changed": "2026-01-02T03:04:05"}}
    )


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, b"", Unknown, Reason.UNREADABLE_ANSWER),
        (200, PAGE, Unknown, Reason.UNREADABLE_ANSWER),
        (200, enveloped(""), Unknown, Reason.UNEXPECTED_MESSAGE),
        (200, enveloped(updated("<id>x</id>")), Unknown, Reason.UNEXPECTED_MESSAGE),
        (200, enveloped('<Other xmlns="urn:x"/>'), Unknown, Reason.UNEXPECTED_MESSAGE),
        (202, b"", Unknown, Reason.UNREADABLE_ANSWER),
        (500, enveloped(fault("s:Server")), Unknown, Reason.SERVER_ERROR),
        (500, enveloped(fault("")), Unknown, Reason.SERVER_ERROR),
        (500, PAGE, Unknown, Reason.SERVER_ERROR),
        (503, b"", Unknown, Reason.UNAVAILABLE),
        (429, b"", Retry, Reason.TOO_MANY_REQUESTS),
        (401, b"", Blocked, Reason.ACCESS_DENIED),
        (403, PAGE, Blocked, Reason.ACCESS_DENIED),
        (404, PAGE, Blocked, Reason.CONFIGURATION),
        (302, b"", Blocked, Reason.CONFIGURATION),
    ],
)
def test_what_is_no_success_is_none(status, body, kind, reason):
    outcome = call(status, body)
    assert (type(outcome), outcome.reason) == (kind, reason)


def test_an_answer_that_was_cut_is_unknown():
    assert call(200, enveloped(updated()), truncated=True).reason is Reason.UNREADABLE_ANSWER


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, enveloped(fault()), "Client"),
        (200, enveloped(fault()), "Client"),
        (500, enveloped(fault("s:Client.Validation")), "Client"),
        (500, enveloped(fault("s:Server", detail=REFUSAL)), "Server"),
        (400, enveloped(FAULT_12, SOAP_12), "Sender"),
    ],
    ids=["client", "client with 200", "a word behind the code", "declared by the WSDL", "SOAP 1.2"],
)
def test_a_fault_that_states_a_refusal_is_one(status, body, code):
    outcome = call(status, body)
    assert isinstance(outcome, Rejected)
    (error,) = outcome.errors
    assert error.type == code
    assert error.reason


def test_the_details_texts_are_told():
    outcome = call(500, enveloped(fault("s:Server", detail=REFUSAL)))
    assert outcome.errors[0].description == ("4", "Няма право")


def test_a_refusal_may_need_an_operator():
    rules = Rules(RULES.not_processed, RULES.refusal_codes, (OperatorError(type="Client", says="Невалидна"),))
    outcome = call(500, enveloped(fault()), rules=rules)
    assert isinstance(outcome, Blocked)
    assert outcome.errors


@given(st.integers(100, 599), st.binary(max_size=200) | st.text(max_size=100).map(enveloped))
def test_no_answer_makes_it_raise_or_succeed(status, body):
    assert not isinstance(call(status, body), Accepted)
    assert read(status, body) is not None


def test_the_registers_answer_is_passed_on():
    assert read(200, '{"a": ["ж", 1]}'.encode()) == Accepted({"content": {"a": ["ж", 1]}})


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, b"", Unknown, Reason.UNREADABLE_ANSWER),
        (200, PAGE, Unknown, Reason.UNREADABLE_ANSWER),
        (401, b"", Retry, Reason.ACCESS_DENIED),
        (403, b"", Blocked, Reason.ACCESS_DENIED),
        (429, b"", Retry, Reason.TOO_MANY_REQUESTS),
        (404, PAGE, Blocked, Reason.CONFIGURATION),
        (500, b"", Unknown, Reason.SERVER_ERROR),
    ],
)
def test_a_read_that_fails(status, body, kind, reason):
    outcome = read(status, body)
    assert (type(outcome), outcome.reason) == (kind, reason)


def test_the_esbs_own_error_is_read():
    body = b'{"failureOrigin":"INTEGRATION","cause":[{"code":"E1","message":"no such supplier"}]}'
    (error,) = read(400, body).errors
    assert (error.type, error.reason) == ("E1", "no such supplier")
    waits = read(400, body[:-1] + b',"retryAfter":30}')
    assert (type(waits), waits.delay) == (Retry, 30.0)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(429, Reason.TOO_MANY_REQUESTS), (400, Reason.UNAVAILABLE), (503, Reason.UNAVAILABLE)],
)
def test_the_wait_that_the_esb_states_is_kept(status, reason):
    outcome = read(status, b'{"failureOrigin":"INTEGRATION","cause":[],"retryAfter":30}')
    assert (type(outcome), outcome.reason, outcome.delay) == (Retry, reason, 30.0)
