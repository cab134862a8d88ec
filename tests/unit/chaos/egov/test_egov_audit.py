"""The audit of RegiX, ePayments and the receiver by tables: what went well, and each thing that went wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.audit import audit
from tests.chaos.egov.audit import asynchronous
from tests.chaos.egov.evidence import Callback, EgovEvidence, Execution, Notification, Payment
from tests.chaos.egov.plan import Kind
from tests.chaos.evidence import DeadLetter, Evidence, Reply, Row, Sent
from tests.chaos.finding import Count

REPORT, LATER, WRITE, HELD, PAID = "report", "later", "write", "held", "paid"
KINDS = {
    REPORT: Kind.REPORT,
    LATER: Kind.LATER_REPORT,
    WRITE: Kind.LATER_WRITE,
    HELD: Kind.LATER_WRITE,
    PAID: Kind.PAYMENT,
}
CALLS = {REPORT: "1", LATER: "3", WRITE: "4", PAID: "payment-1"}
DEAD = "dead-held"


def _system(name):
    return "epayment" if KINDS[name] is Kind.PAYMENT else "regix"


def _kind(name):
    return "held" if name == HELD else "accepted"


def _dead(name):
    return DEAD if name == HELD else None


EGOV = EgovEvidence(
    executions=(
        Execution(REPORT, "1", writes=False, later=False),
        Execution(
            LATER, "2", writes=False, later=True
        ),  # its answer was lost: a report may be asked for again
        Execution(LATER, "3", writes=False, later=True),
        Execution(WRITE, "4", writes=True, later=True),
        Execution(HELD, "5", writes=True, later=True),
    ),
    acknowledged=frozenset({"3", "4"}),
    payments=(
        Payment("payment-1", PAID, frozenset({"Pending", "Authorized", "Paid"})),
        Payment("payment-2", "seeded-1-1", frozenset({"Pending", "Paid"})),
    ),
    callbacks=(
        Callback("payment-1", "Authorized", taken=True),
        Callback("payment-1", "Paid", taken=True),
        Callback("payment-2", "Paid", taken=True),
    ),
    notifications=(
        Notification("n-1", "payment-1", "Authorized", PAID, "a", 100.0),
        Notification("n-2", "payment-1", "Paid", PAID, "b", 101.0),
        Notification("n-2", "payment-1", "Paid", PAID, "b", 101.5),
        Notification("n-3", "payment-2", "Paid", None, "c", 102.0),
    ),
)
GOOD = Evidence(
    sent=tuple(
        Sent(name, "", kind, 0, offset, system=_system(name))
        for offset, (name, kind) in enumerate(KINDS.items())
    ),
    replies=tuple(
        Reply(
            name, 1, _kind(name), f"said of {name}", 100.0, reference=CALLS.get(name), dead_letter=_dead(name)
        )
        for name in KINDS
    ),
    dead_letters=(DeadLetter(DEAD, "outcome-unknown", 0, 3, "d", system="regix"),),
    rows=tuple(
        Row(name, kind, "", _kind(name), 1, True, _dead(name), frozenset()) for name, kind in KINDS.items()
    ),
    kept={DEAD: "outcome-unknown"},
    rewinds=(150.0,),
    egov=EGOV,
)


def test_a_run_in_which_all_went_well_has_no_finding():
    assert audit(GOOD) == []
    assert asynchronous(GOOD) == {LATER, WRITE, HELD}


def egov(**changes):
    return {"egov": replace(EGOV, **changes)}


def reply_of(name, **fields):
    changed = (replace(one, **fields) if one.submission == name else one for one in GOOD.replies)
    return {"replies": tuple(changed)}


def ended(name, kind, dead_letter=None):
    rows = tuple(
        replace(one, state=kind, dead_letter=dead_letter) if one.submission == name else one
        for one in GOOD.rows
    )
    return {**reply_of(name, kind=kind, dead_letter=dead_letter), "rows": rows}


def notification(number, **fields):
    return tuple(replace(one, **fields) if n == number else one for n, one in enumerate(EGOV.notifications))


WRONG = {
    "a write executed twice": (
        egov(executions=(*EGOV.executions, Execution(WRITE, "6", writes=True, later=True))),
        {(Count.REGISTERED_TWICE, WRITE)},
    ),
    "accepted by the call of another submission": (
        reply_of(LATER, reference="1"),
        {(Count.DISAGREEMENTS, LATER)},
    ),
    "accepted by no call": (reply_of(REPORT, reference=None), {(Count.DISAGREEMENTS, REPORT)}),
    "a result that was not acknowledged": (
        egov(acknowledged=frozenset({"3"})),
        {(Count.DISAGREEMENTS, WRITE)},
    ),
    "executed for nobody": (
        egov(executions=(*EGOV.executions, Execution("stranger", "6", writes=False, later=False))),
        {(Count.DISAGREEMENTS, "stranger")},
    ),
    "failed, and written": (
        {**ended(WRITE, "failed", DEAD), "kept": {DEAD: "outcome-unknown"}},
        {(Count.DISAGREEMENTS, WRITE)},
    ),
    "rejected without a rule": (ended(REPORT, "rejected"), {(Count.DISAGREEMENTS, REPORT)}),
    "still waiting": (egov(waiting=(LATER,)), {(Count.DISAGREEMENTS, LATER)}),
    "a payment requested twice": (
        egov(payments=(*EGOV.payments, Payment("payment-3", PAID, frozenset({"Pending"})))),
        {(Count.REGISTERED_TWICE, PAID)},
    ),
    "a payment for nobody": (
        egov(payments=(*EGOV.payments, Payment("payment-3", "stranger", frozenset({"Pending"})))),
        {(Count.DISAGREEMENTS, "stranger")},
    ),
    "accepted as another payment": (
        reply_of(PAID, reference="payment-2"),
        {(Count.DISAGREEMENTS, PAID)},
    ),
    "failed, and there is a payment request": (
        ended(PAID, "failed", DEAD),
        {(Count.DISAGREEMENTS, PAID)},
    ),
    "a status lost": (
        egov(notifications=EGOV.notifications[1:]),
        {(Count.LOST, "payment payment-1 Authorized")},
    ),
    "a call that was never taken": (
        egov(callbacks=(*EGOV.callbacks[:2], replace(EGOV.callbacks[2], taken=False))),
        {(Count.LOST, "payment payment-2 Paid")},
    ),
    "a forged call taken": (
        egov(callbacks=(*EGOV.callbacks[:2], replace(EGOV.callbacks[2], forged_taken=True))),
        {(Count.DISAGREEMENTS, "payment payment-2 Paid")},
    ),
    "one change with two ids": (
        egov(notifications=notification(2, id="n-9")),
        {(Count.ANSWERED_TWICE, "payment payment-1 Paid")},
    ),
    "one id with two contents": (
        egov(notifications=notification(2, said="other")),
        {(Count.ANSWERED_TWICE, "notification n-2")},
    ),
    "a notification again after the offsets were set back": (
        egov(notifications=notification(2, at=151.0)),
        {(Count.COPIED, "notification n-2")},
    ),
    "a status that the payment never had": (
        egov(
            notifications=(
                *EGOV.notifications,
                Notification("n-4", "payment-2", "Canceled", None, "d", 103.0),
            )
        ),
        {(Count.DISAGREEMENTS, "notification n-4")},
    ),
    "a notification of no payment": (
        egov(notifications=(*EGOV.notifications, Notification("n-4", "payment-9", "Paid", None, "d", 103.0))),
        {(Count.DISAGREEMENTS, "notification n-4")},
    ),
    "a notification without its submission": (
        egov(notifications=notification(0, submission=None)),
        {(Count.DISAGREEMENTS, "notification n-1")},
    ),
    "a notification with somebody else's submission": (
        egov(notifications=notification(3, submission=PAID)),
        {(Count.DISAGREEMENTS, "notification n-3")},
    ),
    "a notification that is not published": (
        egov(unpublished=("n-5",)),
        {(Count.LOST, "notification n-5")},
    ),
    "no reply": (
        {"replies": tuple(one for one in GOOD.replies if one.submission != LATER)},
        {(Count.LOST, LATER), (Count.DISAGREEMENTS, LATER)},
    ),
    "a dead letter of one system does not stand for that of another": (
        {"sent": (*GOOD.sent, Sent(None, "", "x", 0, 3, bad="outcome-unknown"))},
        {(Count.LOST, "record 0/3")},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_reported_under_its_count_and_by_its_id(name):
    changes, expected = WRONG[name]

    findings = audit(replace(GOOD, **changes))

    assert {(finding.count, finding.subject) for finding in findings} == expected
