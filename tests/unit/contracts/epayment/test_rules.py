"""Every field and rule of the payment events, by what it says of the changed examples."""

from __future__ import annotations

import pytest

from contracts.epayment.events import EVENTS, NOTIFICATIONS
from contracts.epayment.rules import Rule

REQUEST, EXTENDED = "epayment.payment.request.v1", "epayment.payment.request-extended.v1"
STATUS, SEARCH = "epayment.payment.status.v1", "epayment.payment.search.v1"
PAID, SUSPEND = "epayment.payment.set-paid.v1", "epayment.payment.suspend.v1"

TABLE = [
    # (what is tried, type, changes, the problems found)
    ("the example", REQUEST, {}, []),
    ("the extended example", EXTENDED, {}, []),
    ("no identifier of the hospital's own", REQUEST, {"aisPaymentId": None}, [("aisPaymentId", "type")]),
    ("an identifier with a space", REQUEST, {"aisPaymentId": "INV 1"}, [("aisPaymentId", "form")]),
    ("an amount as a number", REQUEST, {"amount": 24.5}, [("amount", "type")]),
    ("one digit after the point", REQUEST, {"amount": "24.5"}, [("amount", "form")]),
    ("three digits after the point", REQUEST, {"amount": "24.500"}, [("amount", "form")]),
    ("a comma", REQUEST, {"amount": "24,50"}, [("amount", "form")]),
    ("a negative amount", REQUEST, {"amount": "-1.00"}, [("amount", "form")]),
    ("leading zeros", REQUEST, {"amount": "024.50"}, [("amount", "form")]),
    ("an exponent", REQUEST, {"amount": "1e3.00"}, [("amount", "form")]),
    ("a currency in small letters", REQUEST, {"currency": "eur"}, [("currency", "form")]),
    ("no reason", REQUEST, {"reason": ""}, [("reason", "length")]),
    ("a reason of 201 characters", REQUEST, {"reason": "я" * 201}, [("reason", "length")]),
    ("a reason of 200 letters", REQUEST, {"reason": "я" * 200}, []),
    ("a reason of 100 characters of two units", REQUEST, {"reason": "💊" * 100}, []),
    ("a reason of 101 of them", EXTENDED, {"reason": "💊" * 101}, [("reason", "fits-column")]),
    ("a number of 26 of them", REQUEST, {"reference.number": "💊" * 26}, [("reference.number", "fits-column")]),
    ("a reference of 51 characters", REQUEST, {"reference.number": "1" * 51}, [("reference.number", "length")]),
    ("an EGN that is none", REQUEST, {"payer.identifier": "7223154155"}, [("payer.identifier", "egn-check-digit")]),
    (
        "an LNCh",
        REQUEST,
        {"payer.identifierType": "lnch", "payer.identifier": "1003000022"},
        [],
    ),
    (
        "an organisation of ten digits",
        REQUEST,
        {"payer.identifierType": "bulstat", "payer.identifier": "1234567890"},
        [("payer.identifier", "bulstat-form")],
    ),
    (
        "a branch of an organisation",
        REQUEST,
        {"payer.identifierType": "bulstat", "payer.identifier": "1234567890123"},
        [],
    ),
    ("expired", REQUEST, {"expiresAt": "2025-05-30T23:59:59Z"}, [("expiresAt", "expires-later")]),
    ("expires in the first hour of the day in Sofia", REQUEST, {"expiresAt": "2025-06-01T00:30:00+03:00"}, []),
    ("an expiry without a zone", REQUEST, {"expiresAt": "2035-05-30T23:59:59"}, [("expiresAt", "date-time")]),
    ("an obligation type that is no number", REQUEST, {"obligationType": "A"}, [("obligationType", "form")]),
    ("an obligation type as a number", REQUEST, {"obligationType": 1}, [("obligationType", "type")]),
    ("the account, which is a setting", REQUEST, {"iban": "BG"}, [("iban", "unknown-field")]),
    ("a pay order in the plain form", REQUEST, {"payOrder": 1}, [("payOrder", "unknown-field")]),
    ("no client in the extended form", EXTENDED, {"eserviceClientId": None}, [("eserviceClientId", "type")]),
    ("no payments", STATUS, {"paymentIds": []}, [("paymentIds", "length")]),
    ("too many payments", STATUS, {"paymentIds": [str(one) for one in range(101)]}, [("paymentIds", "length")]),
    ("one payment twice", STATUS, {"paymentIds": ["1", "1"]}, [("paymentIds", "distinct-payments")]),
    ("a search for an organisation", SEARCH, {"payer.identifierType": "bulstat"}, [("payer.identifierType", "choice")]),
    ("a wrong EGN", SEARCH, {"payer.identifier": "7223154155"}, [("payer.identifier", "egn-check-digit")]),
    ("page 0", SEARCH, {"page": 0}, [("page", "range")]),
    ("101 on a page", SEARCH, {"pageSize": 101}, [("pageSize", "range")]),
    ("another state", SEARCH, {"state": "paid"}, [("state", "choice")]),
    ("paid by card", PAID, {"method": "card"}, [("method", "choice")]),
    ("paid without words", PAID, {"description": " "}, [("description", "form")]),
    ("suspend with a reason", SUSPEND, {"reason": "x"}, [("reason", "unknown-field")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event_type", "changes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_a_change_breaks(problems, event_type, changes, expected):
    assert problems(event_type, changes) == [(f"$.data.{path}", rule) for path, rule in expected]


def test_every_rule_is_tried():
    assert {rule for *_, expected in TABLE for _, rule in expected} >= set(Rule)


@pytest.mark.parametrize("contract", EVENTS, ids=lambda one: one.operation)
def test_the_example_of_a_reply_fits_its_contract(contract):
    contract.result.model_validate(contract.answered, by_alias=True, by_name=False)


@pytest.mark.parametrize("contract", NOTIFICATIONS, ids=lambda one: one.name)
def test_the_example_of_a_notification_fits_its_contract(contract):
    assert contract.event_type == "epayment.payment.status-changed.v1"
    contract.model.model_validate(contract.example, by_alias=True, by_name=False)
