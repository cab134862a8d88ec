"""The methods that only read: their exact shapes, the spelling of statuses, paging, and whose requests they show."""

from __future__ import annotations

import pytest

from tests.support.sandbox.epayment.calls import OTHER_IBAN, PAYER, payment

PARSE = "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
DENIED = "Not authorized to access payment request."
MUNICIPALITY = "sandbox-municipality"
RESULT = [
    "id",
    "status",
    "statusChangeTime",
    "serviceProviderName",
    "serviceProviderBank",
    "serviceProviderBIC",
    "serviceProviderIBAN",
    "currency",
    "paymentTypeCode",
    "paymentAmount",
    "paymentReason",
    "applicantUinType",
    "applicantUin",
    "applicantName",
    "paymentReferenceType",
    "paymentReferenceNumber",
    "paymentReferenceDate",
    "expirationDate",
    "additionalInformation",
    "createDate",
    "eserviceClientAisName",
    "clientId",
    "eserviceClientServiceName",
    "eserviceClientDepartmentId",
]


def page(**changes):
    return {"applicantUin": PAYER, "pageNumber": 1, "pageSize": 20, **changes}


def pending(call, **changes):
    status, body = call("pendingPaymentStatusJson", page(**changes))
    assert status == 200
    return body


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ((), "pending"),
        (("begin",), "inProcess"),
        (("begin", "reopen"), "pending"),
        (("authorise",), "authorized"),
        (("order",), "ordered"),
        (("order", "pay"), "paid"),
        (("expire",), "expired"),
        (("cancel",), "canceled"),
    ],
)
def test_statuses_have_a_small_first_letter_and_times_no_zone(call, steps, status):
    identifier = call.register()
    for step in steps:
        call.wait(seconds=1)
        call.api.control("step", {"step": step, "id": identifier})
    assert call("paymentsStatus", {"requestIds": [identifier]}) == (
        200,
        {
            "paymentStatuses": [
                {"id": identifier, "status": status, "changeTime": f"2026-12-01T12:00:0{len(steps)}.1234"}
            ]
        },
    )


def test_unknown_identifiers_have_no_status_and_every_identifier_is_answered(call):
    identifier = call.register()
    found = call("paymentsStatus", {"REQUESTIDS": ["x", identifier, identifier, 5]})[1]["paymentStatuses"]
    assert [one["id"] for one in found] == ["x", identifier, identifier, "5"]
    assert found[0] == {"id": "x", "status": None, "changeTime": None}
    assert call("paymentsStatus", {"requestIds": []}) == (200, {"paymentStatuses": []})


@pytest.mark.parametrize("content", [{}, {"requestIds": [["a"]]}, {"ids": ["a"]}])
def test_identifiers_that_cannot_be_read(call, content):
    assert call.refused("paymentsStatus", content) == PARSE
    assert call.refused("paymentsByIdJson", content) == PARSE


def test_another_clients_requests_are_not_shown_by_identifier(call):
    identifier = call.register()
    for method in ("paymentsStatus", "paymentsByIdJson"):
        assert call.refused(method, {"requestIds": [identifier]}, client=MUNICIPALITY) == DENIED
    for method in ("accessCode", "suspendRequest"):
        assert call.refused(method, {"id": identifier}, client=MUNICIPALITY) == DENIED
    paid = {"id": identifier, "paymentMethod": "1", "paymentDescription": ""}
    assert call.refused("setStatusPaid", paid, client=MUNICIPALITY) == DENIED


def test_a_request_by_its_identifier_never_tells_its_ais_payment_id(call):
    sent = payment(
        paymentTypeCode="448007", obligationType="1", administrativeServiceNotificationURL="http://x/y"
    )
    identifier = call("paymentJson", sent)[1]["acceptedReceiptJson"]["id"]
    (found,) = call("paymentsByIdJson", {"requestIds": [identifier]})[1]["paymentRequests"]
    assert list(found) == ["id", "requestJson"]
    told = found["requestJson"]
    assert told["aisPaymentId"] is None
    assert told["obligationType"] is None
    same = set(sent) - {"aisPaymentId", "obligationType", "paymentReferenceDate"}
    assert {name: told[name] for name in same} == {name: sent[name] for name in same}
    assert told["paymentReferenceDate"] == "2026-12-01T00:00:00"
    assert len(told) == 21


def test_a_request_by_an_unknown_identifier_is_a_failure_of_the_server(call):
    assert call("paymentsByIdJson", {"requestIds": [call.register(), "x"]}) == (
        500,
        {"Message": "An error has occurred."},
    )


def test_access_codes_are_ten_capitals_and_digits_and_stay(call):
    identifier = call.register()
    code = call("accessCode", {"id": identifier})[1]["accessCode"]
    assert len(code) == 10
    assert set(code) <= set("ABCDEFGHIJKLMNPQRSTUVWXYZ123456789")
    assert call("accessCode", {"id": identifier})[1]["accessCode"] == code
    assert call("accessCode", {"id": "x"}) == (200, {"accessCode": None})
    assert call.refused("accessCode", {}) == PARSE


def test_a_payers_pending_requests_with_every_field(call):
    identifier = call.register(paymentReferenceDate="2026-12-01T17:00:00")
    body = pending(call)
    assert list(body) == ["count", "paymentStatuses"]
    (one,) = body["paymentStatuses"]
    assert list(one) == ["paymentrequestID", "result"]
    assert one["paymentrequestID"] == 1
    result = one["result"]
    assert list(result) == RESULT
    assert (result["id"], result["status"], result["applicantUinType"]) == (identifier, "pending", "egn")
    assert result["paymentReferenceDate"] == "2026-12-01T00:00:00"
    assert result["expirationDate"] == "2027-01-31T23:59:59"
    assert result["createDate"] == "2026-12-01T12:00:00.1234"
    assert (result["clientId"], result["eserviceClientDepartmentId"]) == (None, "101")


def test_pages_are_of_the_newest_first_and_the_count_is_of_all(call):
    ids = []
    for number in range(5):
        call.wait(seconds=1)
        ids.append(call.register(aisPaymentId=str(number), paymentReferenceNumber=str(number)))
    ids.reverse()

    def shown(**changes):
        body = pending(call, **changes)
        assert body["count"] == 5
        return [one["result"]["id"] for one in body["paymentStatuses"]]

    assert shown() == ids
    assert shown(pageSize=2) == ids[:2]
    assert shown(pageSize=2, pageNumber=3) == ids[4:]
    assert shown(pageSize=2, pageNumber=4) == []
    assert shown(pageSize=0, pageNumber=-1) == ids
    assert shown(pageSize="2", pageNumber="2") == ids[2:4]


def test_twenty_are_a_page_where_no_size_is_given(call):
    for number in range(21):
        call.register(aisPaymentId=str(number), paymentReferenceNumber=str(number))
    assert len(pending(call, pageSize=0)["paymentStatuses"]) == 20


def test_what_is_not_pending_is_in_the_other_list(call):
    identifier = call.register()
    call.api.control("step", {"step": "order", "id": identifier})
    assert pending(call)["count"] == 0
    body = call("paymentStatusJson", page())[1]
    assert [one["result"]["status"] for one in body["paymentStatuses"]] == ["ordered"]


def test_a_payers_requests_are_shown_to_every_client_and_those_of_entities_to_none(call):
    call.register()
    call.register(aisPaymentId="2", paymentReferenceNumber="2", applicantUinTypeId=3)
    call("paymentJson", payment(serviceProviderIBAN=OTHER_IBAN), client=MUNICIPALITY)
    assert pending(call)["count"] == 2
    assert call("pendingPaymentStatusJson", page(), client=MUNICIPALITY)[1]["count"] == 2


@pytest.mark.parametrize(
    "content",
    [{"applicantUin": PAYER}, page(pageSize=None), page(pageNumber="first"), page(applicantUin=[])],
)
def test_both_numbers_of_a_page_are_needed(call, content):
    for method in ("pendingPaymentStatusJson", "paymentStatusJson"):
        assert call.refused(method, content) == PARSE
