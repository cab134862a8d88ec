"""Who may move a request from which status to which, and what brought each change."""

from __future__ import annotations

import pytest

from sandbox.stand_in import InvalidControl

NOT_PENDING = "Unable to suspend payment request with status different from 'Pending'."
PARSE = "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
STATUSES = {
    "Pending": (),
    "InProcess": ("begin",),
    "Authorized": ("authorise",),
    "Ordered": ("order",),
    "Paid": ("pay",),
    "Canceled": ("cancel",),
    "Expired": ("expire",),
}
ALLOWED = {
    "begin": {"Pending"},
    "reopen": {"InProcess"},
    "authorise": {"Pending", "InProcess"},
    "order": {"Pending"},
    "pay": {"Pending", "InProcess", "Authorized", "Ordered"},
    "cancel": {"Pending"},
    "expire": {"Pending"},
}


def in_status(call, status):
    identifier = call.register()
    for step in STATUSES[status]:
        call.api.control("step", {"step": step, "id": identifier})
    return identifier


def paid(identifier, **changes):
    return {"id": identifier, "paymentMethod": "2", "paymentDescription": "На каса", **changes}


@pytest.mark.parametrize("status", STATUSES)
def test_suspending_is_for_pending_and_cancelled_requests(call, status):
    identifier = in_status(call, status)
    if status in {"Pending", "Canceled"}:
        assert call("suspendRequest", {"id": identifier}) == (200, {})
        assert call.ledger()[0]["history"][-1]["status"] == "Suspended"
    else:
        assert call.refused("suspendRequest", {"id": identifier}) == NOT_PENDING
        assert call.ledger()[0]["status"] == status


@pytest.mark.parametrize("status", STATUSES)
def test_setting_paid_is_for_pending_requests(call, status):
    identifier = in_status(call, status)
    if status == "Pending":
        assert call("setStatusPaid", paid(identifier)) == (200, {})
        assert call.ledger()[0]["history"][-1]["by"] == "api"
    else:
        assert call.refused("setStatusPaid", paid(identifier)) == NOT_PENDING
        assert call.ledger()[0]["status"] == status


def test_neither_is_done_twice(call):
    identifier = call.register()
    call("suspendRequest", {"id": identifier})
    assert call.refused("suspendRequest", {"id": identifier}) == NOT_PENDING
    other = call.register(aisPaymentId="2", paymentReferenceNumber="2")
    call("setStatusPaid", paid(other))
    assert call.refused("setStatusPaid", paid(other)) == NOT_PENDING
    assert [len(one["history"]) for one in call.ledger()] == [2, 2]


def test_an_identifier_that_is_not_there(call):
    assert call.refused("suspendRequest", {"id": "x"}) == "Payment request not found."
    assert call.refused("setStatusPaid", paid("x")) == "Payment request not found."
    assert call.refused("suspendRequest", {}) == PARSE


@pytest.mark.parametrize("method", ["1", 2, "Other", "cashdesk", " 1 "])
def test_methods_of_payment(call, method):
    assert call("setStatusPaid", paid(call.register(), paymentMethod=method)) == (200, {})


@pytest.mark.parametrize(
    "changes", [{"paymentMethod": "card"}, {"paymentMethod": ""}, {"paymentMethod": None}]
)
def test_methods_that_are_none(call, changes):
    assert call.refused("setStatusPaid", paid(call.register(), **changes)) == PARSE


def test_a_method_that_is_a_number_of_nothing_is_a_failure_of_the_server(call):
    identifier = call.register()
    assert call("setStatusPaid", paid(identifier, paymentMethod="7"))[0] == 500
    assert call.ledger()[0]["status"] == "Pending"


def test_the_description_must_be_there_be_it_null(call):
    identifier = call.register()
    content = paid(identifier)
    del content["paymentDescription"]
    assert call.refused("setStatusPaid", content) == PARSE
    assert call("setStatusPaid", paid(identifier, paymentDescription=None)) == (200, {})


@pytest.mark.parametrize("step", ALLOWED)
@pytest.mark.parametrize("status", STATUSES)
def test_steps_of_payers(call, step, status):
    identifier = in_status(call, status)
    if status in ALLOWED[step]:
        call.api.control("step", {"step": step, "id": identifier})
        assert call.ledger()[0]["history"][-1]["by"] == "payer"
    else:
        with pytest.raises(InvalidControl, match=step):
            call.api.control("step", {"step": step, "id": identifier})
        assert call.ledger()[0]["status"] == status


def test_time_expires_what_is_pending(call):
    first = call.register(expirationDate="2026-12-02T00:00:00")
    later = call.register(aisPaymentId="2", paymentReferenceNumber="2", expirationDate="2026-12-03")
    begun = call.register(aisPaymentId="3", paymentReferenceNumber="3", expirationDate="2026-12-02")
    call.api.control("step", {"step": "begin", "id": begun})
    call.wait(hours=11, minutes=59)
    assert call.status_of(first) == "pending"
    call.wait(minutes=1)
    assert [call.status_of(one) for one in (first, later, begun)] == ["expired", "pending", "inProcess"]
    assert call.ledger()[0]["history"][-1]["by"] == "clock"


def test_a_replaced_request_expires_at_its_later_time(call):
    identifier = call.register(expirationDate="2026-12-02")
    call.register(expirationDate="2026-12-03")
    call.wait(days=1)
    assert call.status_of(identifier) == "pending"
    call.wait(days=1)
    assert call.status_of(identifier) == "expired"
    assert len(call.ledger()[0]["history"]) == 2
