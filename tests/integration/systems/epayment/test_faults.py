"""ePayments: every fault of every operation; a payment request is there once, and no change is reported wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.systems.epayment.hospital import (
    CODE,
    EXTENDED,
    PAYER,
    REQUEST,
    SEARCH,
    SET_PAID,
    STATUS,
    SUSPEND,
    SYSTEM,
    asked,
    line_by_id,
    lines_of,
    requested,
    section_of,
    set_paid,
)
from tests.support.systems.scene import BLOCKED, CERTAIN, FAULTS, PROCESSED, Case, perform
from tests.support.worker.evidence import check_reply

FAULTY = [name for name in FAULTS if name != "none"]
REQUESTS, READS, CHANGES = (REQUEST, EXTENDED), (STATUS, SEARCH, CODE), (SUSPEND, SET_PAID)
METHODS = {
    REQUEST: "paymentJson",
    EXTENDED: "paymentJsonExtended",
    STATUS: "paymentsStatus",
    SEARCH: "pendingPaymentStatusJson",
    CODE: "accessCode",
    SUSPEND: "suspendRequest",
    SET_PAID: "setStatusPaid",
}
UNSEEN = {(one, "wrong-answer") for one in (REQUEST, EXTENDED, SEARCH, CODE, SUSPEND, SET_PAID)}
"""No answer of these says which request it belongs to: one that came whole with 200 is taken as it is."""
REACHED = {SUSPEND: "Suspended", SET_PAID: "Paid"}
LISTED = {"payer": {name: PAYER[name] for name in ("identifierType", "identifier")}, "state": "pending"}


def named(operation, fault):
    return f"{operation} {fault}"


def data_of(operation, payment_id):
    if operation == SEARCH:
        return LISTED
    if operation == STATUS:
        return {"paymentIds": [payment_id]}
    return set_paid(payment_id) if operation == SET_PAID else {"paymentId": payment_id}


def cases(ids):
    """One case for each operation and fault; each of those about a payment request has one of its own."""
    for operation, method in METHODS.items():
        for fault in FAULTY:
            name = named(operation, fault)
            one = ids[name]
            event = (
                requested(name, operation)
                if operation in REQUESTS
                else asked(name, operation, data_of(operation, one))
            )
            yield Case(name, event, fault, {"operation": method})


@pytest.fixture(scope="module")
def ids(sandbox_of):
    """The payment requests that are simply there, by the case that is about each."""
    sandbox = sandbox_of(SYSTEM)
    names = [named(operation, fault) for operation in METHODS for fault in FAULTY]
    made = sandbox.control("seed", {"count": len(names)})["ids"]
    return sandbox, dict(zip(names, made, strict=True))


@pytest.fixture(scope="module")
def scene(play, ids):
    sandbox, made = ids
    return play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, list(cases(made))),
        signers={},
        section=section_of(sandbox),
    )


def pairs(operations, faults=FAULTY, leave_out=UNSEEN):
    return [(one, fault) for one in operations for fault in faults if (one, fault) not in leave_out]


NOT_BLOCKED = [name for name in FAULTY if name not in BLOCKED]


@pytest.mark.parametrize(("operation", "fault"), pairs(REQUESTS, NOT_BLOCKED, ()))
def test_a_payment_request_is_there_once_whatever_became_of_its_answer(scene, operation, fault):
    name = named(operation, fault)
    reply = scene.reply(name)
    check_reply(reply)
    (line,) = lines_of(scene.ledger, name)
    unseen = (operation, fault) in UNSEEN
    assert reply.kind == "accepted"
    assert scene.attempts(name) == (1 if unseen else 2)
    assert line["written"] == (2 if fault in PROCESSED and not unseen else 1)
    assert (line["status"], line["amountAsSent"]) == ("Pending", "24.50")
    assert unseen or reply.json["data"]["paymentId"] == line["id"]


@pytest.mark.parametrize(("operation", "fault"), pairs(READS, NOT_BLOCKED, UNSEEN))
def test_a_read_is_asked_again(scene, operation, fault):
    name = named(operation, fault)
    check_reply(scene.reply(name))
    assert (scene.reply(name).kind, scene.attempts(name)) == ("accepted", 2)


@pytest.mark.parametrize(("operation", "fault"), pairs(CHANGES, NOT_BLOCKED, ()))
def test_a_change_is_made_once_and_its_status_settles_a_lost_answer(scene, ids, operation, fault):
    name = named(operation, fault)
    reply = scene.reply(name)
    check_reply(reply)
    line = line_by_id(scene.ledger, ids[1][name])
    assert [one["status"] for one in line["history"]] == ["Pending", REACHED[operation]]
    assert (reply.kind, reply.json["data"]["paymentId"]) == ("accepted", line["id"])
    assert reply.json["data"]["status"] == REACHED[operation].lower()
    settled = fault in PROCESSED and (operation, fault) not in UNSEEN
    assert reply.json["data"].get("settledByStatus", False) is settled
    assert ("changeTime" in reply.json["data"]) is settled


@pytest.mark.parametrize(("operation", "fault"), pairs(METHODS, sorted(BLOCKED)))
def test_what_only_an_operator_can_correct_is_a_dead_letter_and_changes_nothing(scene, ids, operation, fault):
    name = named(operation, fault)
    reply = scene.reply(name)
    check_reply(reply)
    assert (reply.kind, reply.json["code"], scene.attempts(name)) == ("failed", BLOCKED[fault], 1)
    assert lines_of(scene.ledger, name) == []
    assert line_by_id(scene.ledger, ids[1][name])["status"] == "Pending"


def test_the_ledger_has_what_replies_state_and_nothing_else(scene, ids):
    requests = {named(operation, fault) for operation, fault in pairs(REQUESTS, NOT_BLOCKED, ())}
    assert len(scene.ledger["payments"]) == len(requests) + len(ids[1])
    changed = {line["id"] for line in scene.ledger["payments"] if line["status"] != "Pending"}
    accepted = {
        ids[1][named(operation, fault)]
        for operation, fault in pairs(CHANGES, FAULTY, ())
        if scene.reply(named(operation, fault)).kind == "accepted"
    }
    assert changed == accepted


def test_a_message_that_was_certainly_not_taken_met_the_system_once(scene):
    for operation in METHODS:
        for fault in CERTAIN:
            assert scene.attempts(named(operation, fault)) == 2
    processed = [one for one in scene.requests if one["fault"] == "status"]
    assert processed
    assert not any(one["processed"] for one in processed)


def test_no_secret_leaves_and_each_form_is_signed(scene, ids):
    secrets = [Path(one["secret_file"]).read_text().strip() for one in ids[0].ready["clients"]]
    kept = [attempt.request for detail in scene.details.values() for attempt in detail.attempts]
    assert len(kept) > len(METHODS) * len(FAULTY)
    for form in kept:
        assert b"&hmac=" in form or form.startswith(b"hmac=")
        assert not any(secret.encode() in form for secret in secrets)
