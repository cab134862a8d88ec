"""paymentJsonExtended: for another client's service, without bank fields, and with the server's mistake."""

from __future__ import annotations

import pytest

from tests.support.sandbox.epayment.calls import payment

MUNICIPALITY = "sandbox-municipality"
BANK = ("serviceProviderName", "serviceProviderBank", "serviceProviderBIC", "serviceProviderIBAN")
DESERIALIZE = "request body can not be deserialize, please take a look of your request data parameters"


def extended(**changes):
    return payment(**dict.fromkeys(BANK), **changes)


def send(call, service=MUNICIPALITY, **changes):
    return call("paymentJsonExtended", extended(**changes), eserviceClientId=service)


def test_the_receipt_has_the_access_code_and_the_request_is_the_services(call):
    status, body = send(call, payOrder=3)
    assert status == 200
    assert body["unacceptedReceiptJson"] is None
    receipt = body["acceptedReceiptJson"]
    assert list(receipt) == ["id", "registrationTime", "accessCode"]
    (kept,) = call.ledger()
    assert (kept["id"], kept["accessCode"]) == (receipt["id"], receipt["accessCode"])
    assert (kept["clientId"], kept["initiatorId"], kept["payOrder"]) == (MUNICIPALITY, "sandbox-hospital", 3)
    found = call("paymentsByIdJson", {"requestIds": [receipt["id"]]})[1]["paymentRequests"][0]["requestJson"]
    assert (found["serviceProviderName"], found["serviceProviderIBAN"]) == (
        "Измислена община",
        "BG44SBXA00000000000002",
    )


def test_a_rejection_has_an_accepted_receipt_without_an_identifier(call):
    status, body = send(call, currency=None)
    assert status == 200
    assert body["unacceptedReceiptJson"]["errors"] == ["Element 'Currency' is required."]
    assert body["acceptedReceiptJson"] == {
        "id": None,
        "registrationTime": "2026-12-01T12:00:00.1234+02:00",
        "accessCode": "",
    }
    assert call.ledger() == []


def test_an_unknown_service_is_a_rejection(call):
    status, body = send(call, service="nobody")
    assert status == 200
    assert body["unacceptedReceiptJson"]["errors"] == [
        "Can not find EService client with EserviceClientId nobody"
    ]
    assert body["acceptedReceiptJson"]["id"] is None


def test_the_name_of_the_field_is_read_without_its_case(call):
    status, body = call("paymentJsonExtended", extended(), ESERVICECLIENTID=MUNICIPALITY)
    assert (status, body["unacceptedReceiptJson"]) == (200, None)


@pytest.mark.parametrize("more", [{}, {"eserviceClientId": ""}])
def test_the_service_must_be_named(call, more):
    assert call.refused("paymentJsonExtended", extended(), **more) == "EserviceClientId is mandatory"


def test_data_that_cannot_be_read_has_a_text_of_its_own(call):
    assert call.refused("paymentJsonExtended", b"{", eserviceClientId=MUNICIPALITY) == DESERIALIZE
    bad = extended(expirationDate="soon")
    assert call.refused("paymentJsonExtended", bad, eserviceClientId=MUNICIPALITY) == DESERIALIZE


def test_a_missing_amount_is_a_failure_of_the_server(call):
    assert send(call, paymentAmount=None) == (500, {"Message": "An error has occurred."})


def test_the_same_request_is_replaced_and_keeps_its_code_and_order(call):
    first = send(call, payOrder=3)[1]["acceptedReceiptJson"]
    second = send(call, payOrder=9)[1]["acceptedReceiptJson"]
    assert (first["id"], first["accessCode"]) == (second["id"], second["accessCode"])
    (kept,) = call.ledger()
    assert (kept["written"], kept["payOrder"]) == (2, 3)


def test_a_request_with_an_order_of_payment_is_replaced_even_when_it_is_paid(call):
    identifier = send(call, payOrder=1)[1]["acceptedReceiptJson"]["id"]
    call.api.control("step", {"step": "pay", "id": identifier})
    assert send(call, payOrder=1)[1]["acceptedReceiptJson"]["id"] == identifier
    assert call.ledger()[0]["status"] == "Paid"


def test_who_sent_it_sees_its_status_and_no_more(call):
    identifier = send(call)[1]["acceptedReceiptJson"]["id"]
    assert call.status_of(identifier) == "pending"
    for method in ("accessCode", "suspendRequest"):
        assert call.refused(method, {"id": identifier}) == "Not authorized to access payment request."
    assert call("suspendRequest", {"id": identifier}, client=MUNICIPALITY) == (200, {})
