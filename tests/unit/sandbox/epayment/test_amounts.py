"""Amounts, as numbers and as texts: by the specification, and as the code would read them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.support.sandbox.epayment.calls import payment


def send(call, token):
    """Send an amount as this token of JSON."""
    whole = json.dumps(payment(paymentAmount="@")).replace('"@"', token)
    return call("paymentJson", whole.encode())


@pytest.mark.parametrize(
    ("token", "amount"),
    [
        ("2.33", "2.33"),
        ('"2.33"', "2.33"),
        ("2", "2.00"),
        ('"2"', "2.00"),
        ("2.5", "2.50"),
        ("2.50", "2.50"),
        ("0", "0.00"),
        ('" 7.10 "', "7.10"),
        ("99999999999999.99", "99999999999999.99"),
    ],
)
def test_the_specification_allows(call, token, amount):
    status, body = send(call, token)
    assert (status, body["unacceptedReceiptJson"]) == (200, None)
    (kept,) = call.ledger()
    assert (kept["amount"], kept["amountAsSent"]) == (amount, token)


@pytest.mark.parametrize(
    "token",
    ["2.333", '"2.333"', '"2,33"', "1e2", '"1e2"', '"2."', '".5"', '""', "null", "true", '"лв"', "[]", "NaN"],
)
def test_the_specification_forbids(call, token):
    assert send(call, token)[0] == 400
    assert call.ledger() == []


@pytest.mark.parametrize(
    ("token", "amount"),
    [
        ("2.333", "2.3330"),
        ('"2.33349"', "2.3335"),
        ('"2,33"', "233.00"),
        ('"1,234.5"', "1234.50"),
        ("1e2", "100.00"),
        ('".5"', "0.50"),
    ],
)
def test_the_code_reads(call, token, amount):
    call.api.control("settings", {"amounts": "code"})
    assert send(call, token)[0] == 200
    assert call.ledger()[0]["amount"] == amount


@pytest.mark.parametrize(
    ("token", "status"), [('"2.3.3"', 400), ('"x"', 400), ("1e40", 500), ('"1e999"', 500)]
)
def test_the_code_cannot_read(call, token, status):
    call.api.control("settings", {"amounts": "code"})
    assert send(call, token)[0] == status
    assert call.ledger() == []


def test_queries_write_amounts_in_two_ways(call):
    identifier = call.register(paymentAmount="12.50")
    by_id = call.raw("paymentsByIdJson", {"requestIds": [identifier]}).body.decode()
    assert '"paymentAmount":12.5,' in by_id
    page = {"applicantUin": payment()["applicantUin"], "pageNumber": 1, "pageSize": 1}
    by_payer = call.raw("pendingPaymentStatusJson", page).body.decode()
    assert '"paymentAmount":12.5000,' in by_payer
    assert json.loads(by_payer, parse_float=Decimal)["paymentStatuses"][0]["result"][
        "paymentAmount"
    ] == Decimal("12.5")
