"""What each answer of the connector means; nothing but a stated success counts as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.epayment import examples
from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.epayment.answers import NO_CURRENCY, PAYMENT_ID, REPLACING
from tests.support.systems.epayment.connector import connector_settings, registered, status
from tests.support.systems.epayment.reading import RULES
from tests.support.systems.esb.access import NOW, failure, json_answer
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, Unknown
from worker.systems.epayment.connector.interpret import interpret
from worker.systems.epayment.connector.readers import expected_of
from worker.transport.port import Answer

REFUSALS = connector_settings().connector.refusal_statuses
DATA = {
    "payment.request": examples.REQUEST,
    "payment.request-extended": examples.REQUEST_EXTENDED,
    "payment.status": {"paymentIds": [PAYMENT_ID]},
    "payment.suspend": examples.SUSPEND,
    "payment.set-paid": examples.SET_PAID,
}


def read(name, answer):
    event = submission(f"epayment.{name}.v1", DATA[name])
    return interpret(expected_of(event.data, "one"), answer, RULES, NOW, REFUSALS)


def test_a_payment_request_is_registered():
    outcome = read("payment.request", json_answer(registered()))
    assert (outcome.reference, outcome.data) == (PAYMENT_ID, examples.REQUESTED)
    extended = read("payment.request-extended", json_answer(registered()))
    assert extended.data == examples.REQUESTED_EXTENDED


def test_a_time_may_be_a_number():
    outcome = read("payment.request", json_answer(registered(registrationTime=1741944600000)))
    assert outcome.data["registrationTime"] == "1741944600000"


@pytest.mark.parametrize(
    ("stated", "status_", "found"),
    [
        ("paid", "paid", True),
        ("PAID", "paid", True),
        ("inProcess", "in-process", True),
        ("new", None, True),
        (None, None, False),
    ],
)
def test_a_status_is_read(stated, status_, found):
    (one,) = read("payment.status", json_answer(status(stated))).data["payments"]
    assert (one.get("status"), one["found"]) == (status_, found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("payment.suspend", None),
        ("payment.suspend", {}),
        ("payment.suspend", registered()),
        ("payment.suspend", {"paymentId": PAYMENT_ID, "status": "SUSPENDED"}),
        ("payment.set-paid", {"paymentId": PAYMENT_ID, "registrationTime": None, "accessCode": None}),
    ],
    ids=["nothing", "empty", "a receipt", "its status", "nulls"],
)
def test_a_change_is_made(name, content):
    answer = Answer(200, {}, b"") if content is None else json_answer(content)
    outcome = read(name, answer)
    assert isinstance(outcome, Accepted)
    assert outcome.data["paymentId"] == PAYMENT_ID


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("payment.request", json_answer({})),
        ("payment.request", Answer(200, {}, b"")),
        ("payment.request", Answer(200, {}, b"<html>")),
        ("payment.request", json_answer(registered(None))),
        ("payment.request", json_answer(registered("a b"))),
        ("payment.request", json_answer(registered() | failure("EPAYMENT", "x"))),
        ("payment.request", json_answer(registered(), 206)),
        ("payment.status", json_answer(status("paid", "2503142"))),
        ("payment.status", json_answer({"paymentId": PAYMENT_ID})),
        ("payment.status", json_answer(status(7))),
        ("payment.suspend", json_answer([])),
        ("payment.suspend", json_answer({"paymentId": "2503142"})),
        ("payment.suspend", json_answer({"paymentId": PAYMENT_ID, "status": "PAID"})),
        ("payment.request", json_answer({}, 500)),
        ("payment.request", json_answer(failure("EPAYMENT", "x"), 500)),
        ("payment.request", json_answer(failure("EPAYMENT", "x", wait=5), 400)),
        ("payment.request", json_answer(failure("OAUTH", "x"), 400)),
        ("payment.request", json_answer({}, 503)),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{one.status} {len(one.body)}",
)
def test_what_states_no_outcome_is_unknown(name, answer):
    assert isinstance(read(name, answer), Unknown)


def test_the_wait_that_the_esb_asks_for_is_kept():
    assert read("payment.request", json_answer(failure("INTEGRATION", "x", wait=45), 503)).delay == 45.0


@pytest.mark.parametrize("status_", sorted(REFUSALS))
def test_a_refusal_has_the_esbs_causes(status_):
    outcome = read("payment.request", json_answer(failure("EPAYMENT", NO_CURRENCY), status_))
    assert isinstance(outcome, Rejected)
    assert [(one.type, one.reason) for one in outcome.errors] == [("C1", NO_CURRENCY)]


def test_a_refusal_without_causes_names_its_origin():
    outcome = read("payment.suspend", json_answer(failure("EPAYMENT"), 400))
    assert [one.type for one in outcome.errors] == ["EPAYMENT"]


def test_one_that_is_there_in_another_status_is_looked_up():
    assert isinstance(
        read("payment.request", json_answer(failure("EPAYMENT", REPLACING), 400)), AlreadyExists
    )


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (json_answer(failure("OAUTH", "x"), 401), Retry, Reason.TOKEN_REFUSED),
        (json_answer({}, 403), Blocked, Reason.ACCESS_DENIED),
        (json_answer(failure("OAUTH", "x"), 403), Blocked, Reason.ACCESS_DENIED),
        (json_answer({}, 404), Blocked, Reason.NOT_FOUND),
        (json_answer({}, 400), Blocked, Reason.CONFIGURATION),
        (json_answer(failure("EPAYMENT", "x"), 429), Retry, Reason.TOO_MANY_REQUESTS),
    ],
    ids=["401", "403", "403 dto", "404", "400", "429"],
)
def test_what_the_gateway_says(answer, kind, reason):
    outcome = read("payment.request", answer)
    assert (type(outcome), outcome.reason) == (kind, reason)


@pytest.mark.parametrize(("headers", "delay"), [({}, 9), ({"retry-after": "7"}, 7)], ids=["body", "header"])
def test_the_wait_of_a_request_that_was_turned_away_is_kept(headers, delay):
    outcome = read("payment.request", json_answer(failure("EPAYMENT", "x", wait=9), 429, **headers))
    assert (type(outcome), outcome.delay) == (Retry, delay)


def test_a_refused_token_is_asked_for_anew_at_once():
    outcome = read("payment.status", json_answer({}, 401))
    assert (outcome.reauthorize, outcome.delay) == (True, 0)


@given(st.sampled_from(sorted(DATA)), st.binary(max_size=300), st.integers(100, 599))
def test_no_bytes_raise_or_count_as_success(name, body, status_):
    outcome = read(name, Answer(status_, {}, body))
    if isinstance(outcome, Accepted):
        # Only a change may be answered by nothing.
        assert name in {"payment.suspend", "payment.set-paid"}
        assert not body.strip()
