"""What callbacks say, when they are made, which answers accept them, and when they are tried again."""

from __future__ import annotations

import base64
import json
import random
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from sandbox.epayment.notifications import accepted, wait_after
from sandbox.epayment.variants import Variant, body_of
from tests.support.sandbox.epayment.caller import HOSPITAL, SECRETS
from tests.support.sandbox.epayment.calls import payment, signed

URL = {"administrativeServiceNotificationURL": "https://his.example/callbacks/secret"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def paid(call, step="pay", **changes):
    identifier = call.register(**URL, **changes)
    call.wait(seconds=2)
    call.api.control("step", {"step": step, "id": identifier})
    return identifier


def last(call):
    return call.api.outbox.notifications[-1]


def sent(call, variant=None):
    """Return the fields of a form with their values."""
    body = body_of(last(call), variant or Variant(), random.Random(1)).decode()
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}


def content(call, variant=None):
    return json.loads(base64.b64decode(sent(call, variant)["Data"]))


def test_a_callback_has_three_fields_and_its_data_three(call):
    identifier = paid(call)
    fields = sent(call)
    assert list(fields) == ["ClientId", "Hmac", "Data"]
    assert fields["ClientId"] == HOSPITAL
    assert fields["Hmac"] == signed(SECRETS[HOSPITAL], fields["Data"])
    assert base64.b64decode(fields["Data"]).decode() == (
        f'{{"Id":"{identifier}","Status":"Paid","ChangeTime":"2026-12-01T12:00:02.1234000+02:00"}}'
    )


def test_escapes_have_small_letters(call):
    paid(call)
    body = body_of(last(call), Variant(), random.Random(1)).decode()
    assert "%3d" in body
    assert "%3D" not in body


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("authorise", "Authorized"),
        ("order", "Ordered"),
        ("pay", "Paid"),
        ("cancel", "Canceled"),
        ("expire", "Expired"),
    ],
)
def test_statuses_begin_with_a_capital(call, step, status):
    paid(call, step)
    assert content(call)["Status"] == status


def test_the_clients_own_changes_are_told_too(call):
    identifier = call.register(**URL)
    call("suspendRequest", {"id": identifier})
    assert content(call)["Status"] == "Suspended"
    other = call.register(aisPaymentId="2", paymentReferenceNumber="2", **URL)
    call("setStatusPaid", {"id": other, "paymentMethod": 1, "paymentDescription": None})
    assert content(call)["Status"] == "Paid"
    assert len(call.ledger("callbacks")) == 2


def test_a_begun_payment_is_not_told(call):
    identifier = call.register(**URL)
    call.api.control("step", {"step": "begin", "id": identifier})
    call.api.control("step", {"step": "reopen", "id": identifier})
    assert call.ledger("callbacks") == []


def test_without_an_address_there_is_no_callback(call):
    call.api.control("step", {"step": "pay", "id": call.register()})
    assert call.ledger("callbacks") == []


def test_algorithm_2_says_more_and_only_of_what_is_paid(call):
    paid(call, obligationType="3")
    assert list(content(call)) == [
        "Id",
        "Status",
        "ChangeTime",
        "AisPaymentId",
        "PaymentReferenceNumber",
        "PaymentAmount",
    ]
    assert (content(call)["AisPaymentId"], content(call)["PaymentAmount"]) == ("HIS-1", "12.5000")
    paid(call, "cancel", obligationType="3", aisPaymentId="2")
    (due,) = call.api.outbox.due()
    assert due.request.form.ais_payment_id == "HIS-1"
    assert [one["state"] for one in call.ledger("callbacks")] == ["pending", "removed"]


def test_algorithm_1_is_not_signed(call):
    paid(call, obligationType="2")
    assert list(sent(call)) == ["ClientId", "Data"]
    assert content(call)["Status"] == "Paid"


def municipal(call, by):
    more = {"DebtInstalmentId": "D1", "PaidInstalmentSum": 12.5, "taxSubjectId": "T1"}
    body = payment(obligationType="2", additionalInformation=json.dumps(more), payOrder=1, **URL)
    receipt = call("paymentJsonExtended", body, eserviceClientId=HOSPITAL)[1]["acceptedReceiptJson"]
    if by == "card":
        call.api.control("step", {"step": "pay", "id": receipt["id"]})
    else:
        call("setStatusPaid", {"id": receipt["id"], "paymentMethod": 1, "paymentDescription": None})
    return receipt["id"]


def test_a_municipal_debt_is_told_in_a_list(call):
    identifier = municipal(call, "card")
    (entry,) = content(call)
    assert list(entry) == [
        "ApplicantUin",
        "PaymentRequestIdentifier",
        "TransactionIdentifier",
        "Status",
        "ChangeTime",
        "PaidInstalmentSum",
        "DebtInstalmentId",
        "PaidInterestSum",
        "\u0422axSubjectId",
    ]
    assert (entry["PaymentRequestIdentifier"], entry["Status"]) == (identifier, "Paid")
    assert (entry["PaidInstalmentSum"], entry["DebtInstalmentId"], entry["PaidInterestSum"]) == (
        "12.5",
        "D1",
        None,
    )
    assert "Hmac" not in sent(call)


def test_a_municipal_debt_without_a_transaction_is_an_empty_list(call):
    municipal(call, "desk")
    assert content(call) == []


@pytest.mark.parametrize(
    ("variant", "seen"),
    [
        ({"hmac": "forged"}, "wrong"),
        ({"hmac": "other-secret"}, "wrong"),
        ({"hmac": "empty"}, "wrong"),
        ({"hmac": "none"}, "missing"),
        ({"tampered": True}, "wrong"),
        ({"client_id": "sandbox-municipality"}, "right"),
        ({"padding_bytes": 5000}, "right"),
    ],
)
def test_variants(call, variant, seen):
    paid(call)
    read = Variant.read(variant)
    assert read.shown() == variant
    fields = sent(call, read)
    right = fields.get("Hmac") == signed(SECRETS[HOSPITAL], fields["Data"])
    assert {"wrong": not right and "Hmac" in fields, "right": right, "missing": "Hmac" not in fields}[seen]
    assert content(call, read)["Status"] == ("Pending" if "tampered" in variant else "Paid")
    assert fields["ClientId"] == variant.get("client_id", HOSPITAL)
    assert len(base64.b64decode(fields["Data"])) > variant.get("padding_bytes", 0)


@pytest.mark.parametrize(
    ("status", "body", "taken"),
    [
        (200, '{"success": true}', True),
        (201, '{"SUCCESS": "True", "other": null}', True),
        (299, '{"Success": " true "}', True),
        (200, '{"success": false}', False),
        (200, '{"success": 1}', False),
        (200, '{"success": "yes"}', False),
        (200, '{"success": null}', False),
        (200, '{"success": true, "Success": true}', False),
        (200, '{"ok": true}', False),
        (200, '[{"success": true}]', False),
        (200, "true", False),
        (200, "", False),
        (200, "<html>", False),
        (200, "[" * 9999, False),
        (302, '{"success": true}', False),
        (500, '{"success": true}', False),
    ],
)
def test_what_accepts_a_callback(status, body, taken):
    assert accepted(status, body) is taken


def test_the_schedule_of_the_code_ends_and_that_of_the_specification_goes_on():
    waits = [wait_after(failed, timedelta(0), as_specified=False) for failed in range(1, 27)]
    assert waits == [
        *[MINUTE] * 5,
        *[15 * MINUTE] * 4,
        *[HOUR] * 5,
        *[3 * HOUR] * 6,
        *[6 * HOUR] * 4,
        None,
        None,
    ]
    day = timedelta(days=1)
    assert wait_after(25, timedelta(days=29, hours=23), as_specified=True) == day
    assert wait_after(99, timedelta(days=30), as_specified=True) is None


@pytest.mark.parametrize(("schedule", "attempts"), [("code", 25), ("specification", 53)])
def test_a_callback_that_nobody_accepts_is_given_up(call, schedule, attempts):
    call.api.control("callbacks", {"schedule": schedule})
    paid(call)
    tried = 0
    while not call.api.outbox.settled:
        for one in call.api.outbox.due():
            tried += 1
            call.api.outbox.settle(one, accepted=False)
        call.wait(minutes=1)
    assert tried == attempts
    (kept,) = call.ledger("callbacks")
    assert (kept["state"], kept["failed"], kept["dueAt"]) == ("terminated", attempts, None)


def test_the_scale_shortens_the_schedule(call):
    call.api.control("callbacks", {"time_scale": 0.001})
    paid(call)
    call.api.outbox.settle(last(call), accepted=False)
    assert call.api.outbox.due() == []
    call.wait(milliseconds=60)
    assert call.api.outbox.due() == [last(call)]
    call.api.outbox.settle(last(call), accepted=True)
    assert call.ledger("callbacks")[0]["state"] == "sent"


@pytest.mark.parametrize(("order", "numbers"), [("created", [1, 2, 3]), ("reversed", [3, 2, 1])])
def test_the_order_of_a_round(call, order, numbers):
    call.api.control("callbacks", {"order": order})
    for number in range(3):
        paid(call, aisPaymentId=str(number), paymentReferenceNumber=str(number))
    assert [one.seq for one in call.api.outbox.due()] == numbers
    call.api.control("callbacks", {"order": "shuffled", "batch": 2})
    assert len(call.api.outbox.due()) == 2
    call.api.control("callbacks", {"paused": True})
    assert call.api.outbox.due() == []
