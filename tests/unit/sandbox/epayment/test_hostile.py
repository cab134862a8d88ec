"""Whatever comes, there is an answer of a known status, and a request that is refused changes nothing."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.stand_in import InvalidControl
from tests.support.sandbox.epayment.caller import Caller
from tests.support.sandbox.epayment.calls import PATH, payment

METHODS = (
    "paymentJson",
    "paymentJsonExtended",
    "paymentsStatus",
    "paymentsByIdJson",
    "accessCode",
    "suspendRequest",
    "setStatusPaid",
    "pendingPaymentStatusJson",
    "paymentStatusJson",
)
TEXTS = st.text(max_size=20) | st.just("\ud800")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(TEXTS, SCALARS, max_size=3)
NAMES = st.sampled_from(
    [*payment(), "payOrder", "obligationType", "requestIds", "id", "pageNumber", "pageSize"]
)


def traits(call, body):
    return call.api.traits_of(type("R", (), {"path": f"{PATH}paymentJson", "body": body})())


@given(st.sampled_from(METHODS), st.binary(max_size=400))
def test_any_bytes_are_401(method, body):
    call = Caller()
    assert call.send(method, body).status == 401
    assert set(traits(call, body)) == {"operation", "clientId", "aisPaymentId", "id"}


@given(st.sampled_from(METHODS), st.binary(max_size=200))
def test_any_data_that_is_signed_is_answered(method, data):
    assert Caller().raw(method, data, eserviceClientId="sandbox-hospital").status in {200, 400}


@pytest.mark.parametrize("amounts", ["specification", "code"])
@given(st.sampled_from(METHODS), st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_values_are_answered(amounts, method, changes):
    call = Caller()
    call.api.control("settings", {"amounts": amounts, "currencies": None})
    content = {**payment(), **changes}
    answer = call.raw(method, content, eserviceClientId="sandbox-hospital")
    assert answer.status in {200, 400, 500}
    body = json.loads(answer.body)
    if answer.status != 200:
        assert list(body) == ["Message"]
        assert call.ledger() == []
    elif method.startswith("paymentJson"):
        accepted = body["unacceptedReceiptJson"] is None
        assert len(call.ledger()) == accepted
        assert len(call.ledger("rejections")) == (not accepted)


@given(st.sampled_from(["step", "again", "seed", "clients", "settings", "callbacks"]), VALUES)
def test_any_control_is_understood_or_refused(name, body):
    call = Caller()
    before = call.api.ledger()
    with suppress(InvalidControl):
        assert call.api.control(name, body) is not None
    assert call.api.ledger() == before
