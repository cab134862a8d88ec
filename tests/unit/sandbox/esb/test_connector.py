"""ePayments' connector: a payment from its registration to its end, and what is refused, as the error DTO."""

from __future__ import annotations

import pytest

CLIENT = "sandbox-hospital"
REGISTER, STATUS, CHANGE = (
    f"/ep/connector/v1/{name}"
    for name in ("registerPaymentExtended", "getPaymentStatus", "changePaymentStatus")
)


def payment(**changes):
    return {
        "actors": [
            {
                "participantType": "APPLICANT",
                "type": "PERSON",
                "uid": {"type": "EGN", "value": "5523056031"},
                "name": "Измислена Петрова Иванова",
            }
        ],
        "paymentData": {
            "paymentId": "HIS-1",
            "currency": "EUR",
            "amount": "12.50",
            "referenceNumber": "REF-1",
            "referenceDate": "2026-12-01",
            "expirationDate": "2027-01-31T23:59:59",
            "reason": "Потребителска такса",
            "administrativeServiceNotificationURL": "https://his.invalid/callback",
            **changes,
        },
    }


def register(world, content=None, *, client=CLIENT):
    return world.call("POST", REGISTER, content or payment(), headers={"service-cid": client})


@pytest.fixture
def number(world):
    status, content = register(world)
    assert status == 200, content
    return content["paymentId"]


def test_a_registration(world):
    status, content = register(world)
    assert (status, sorted(content)) == (200, ["accessCode", "paymentId", "registrationTime"])
    [one] = world.ledger("payments")
    assert (one["id"], one["aisPaymentId"], one["clientId"]) == (content["paymentId"], "HIS-1", CLIENT)
    assert (one["amount"], one["currency"], one["status"]) == ("12.50", "EUR", "Pending")


def test_the_same_payment_again_is_the_same_request(world, number):
    assert register(world)[1]["paymentId"] == number
    assert [one["written"] for one in world.ledger("payments")] == [2]


def test_its_status(world, number):
    status, content = world.call("GET", STATUS, query={"paymentId": number})
    assert (status, content["paymentId"], content["status"]) == (200, number, "pending")
    assert world.control("payment-step", {"step": "pay", "id": number})["changed"]
    assert world.call("GET", STATUS, query={"paymentId": number})[1]["status"] == "paid"
    [callback] = world.ledger("callbacks")
    assert callback["id"] == number


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"status": "SUSPENDED"}, "suspended"),
        ({"status": "PAID", "method": "CASH", "description": "на каса"}, "paid"),
        ({"status": "PAID", "method": "OTHER", "description": "превод"}, "paid"),
    ],
    ids=["suspended", "cash", "other"],
)
def test_a_change(world, number, change, after):
    assert world.call("PUT", CHANGE, {"paymentId": number, **change})[0] == 200
    assert world.call("GET", STATUS, query={"paymentId": number})[1]["status"] == after
    assert world.call("PUT", CHANGE, {"paymentId": number, **change})[0] == 400


@pytest.mark.parametrize(
    ("content", "client"),
    [
        (payment(), "unknown"),
        (payment(amount="much"), CLIENT),
        (payment(amount="NaN"), CLIENT),
        (payment(expirationDate="2026-01-01"), CLIENT),
        ({"actors": payment()["actors"]}, CLIENT),
        ({**payment(), "actors": []}, CLIENT),
        ({**payment(), "actors": [{"participantType": "APPLICANT", "type": "PERSON"}]}, CLIENT),
    ],
    ids=["client", "amount", "nan", "expired", "no-data", "no-actor", "no-uid"],
)
def test_registrations_that_are_refused(world, content, client):
    status, answer = register(world, content, client=client)
    assert (status, answer["failureOrigin"], answer["retryAfter"]) == (400, "EPAYMENT", None)
    assert answer["cause"][0]["message"]
    assert world.ledger("payments") == []


@pytest.mark.parametrize("change", [{"status": "EXPIRED"}, {"status": "PAID", "method": "CARD"}], ids=str)
def test_changes_that_are_not_known(world, number, change):
    assert world.call("PUT", CHANGE, {"paymentId": number, **change})[0] == 400


def test_a_payment_that_is_not_known(world):
    assert world.call("GET", STATUS, query={"paymentId": "1"})[0] == 404
    assert world.call("PUT", CHANGE, {"paymentId": "1", "status": "SUSPENDED"})[0] == 404
    assert world.call("PUT", CHANGE, b"\xff")[0] == 400
    assert world.call("GET", REGISTER)[0] == 404
