"""The demo says that ePayments agrees with the replies only when it does."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from demo.audit import mismatches
from demo.epayment.audit import REQUESTS, differences
from demo.epayment.payments import CALLED, EXTENDED, NOBODYS, STATUS, Payments
from demo.steps import ACCEPTED, REJECTED, Answer, Results

REASON = "Element 'Currency' is required."


class Run:
    """The scenario as it goes when all is well, in memory."""

    def __init__(self):
        self.results = Results()
        self.ledger = {"payments": [], "rejections": []}
        for phase in Payments(date(2026, 3, 1)).phases():
            for step in phase.steps(self.results):
                self._answer(step)
        for name, status in CALLED.items():
            self.results.notifications[name] = [Answer("status-changed", {"status": status}, b"")]

    def found(self):
        return list(differences(self.results.steps, self.results, self.ledger))

    def reply(self, name):
        return self.results.answers[name][0].data["data"]

    def line(self, name):
        return next(one for one in self.ledger["payments"] if one["aisPaymentId"] == f"INV-{name}")

    def _answer(self, step):
        self.results.steps.append(step)
        data = {}
        if step.expected.kind == ACCEPTED:
            data = {"data": self._request(step) if step.operation in REQUESTS else self._other(step)}
        if step.expected.kind == REJECTED:
            data = {"errors": [{"reason": REASON, "type": None, "description": [], "faultyAttribute": None}]}
            rejection = {"aisPaymentId": step.data.get("aisPaymentId"), "errors": [REASON]}
            self.ledger["rejections"] += [rejection] if step.operation in REQUESTS else []
        self.results.answers[step.id] = [Answer(step.expected.kind, data, json.dumps(data).encode())]

    def _request(self, step):
        line = {
            "id": f"26030{len(self.ledger['payments'])}",
            "aisPaymentId": step.data["aisPaymentId"],
            "amountAsSent": step.data["amount"],
            "accessCode": f"CODE{len(self.ledger['payments'])}",
            "status": "Pending",
            "history": [{"status": "Pending"}],
        }
        self.ledger["payments"].append(line)
        code = {"accessCode": line["accessCode"]} if step.operation == EXTENDED else {}
        return {"paymentId": line["id"], **code}

    def _other(self, step):
        if step.operation == STATUS:
            return {"payments": [self._status(one) for one in step.data["paymentIds"]]}
        line = next(one for one in self.ledger["payments"] if one["id"] == step.data["paymentId"])
        if step.operation == "access-code.read":
            return {"paymentId": line["id"], "accessCode": line["accessCode"]}
        line["status"] = "Paid" if step.operation == "payment.set-paid" else "Suspended"
        line["history"].append({"status": line["status"]})
        return {"paymentId": line["id"], "status": line["status"].lower()}

    def _status(self, payment_id):
        if payment_id == NOBODYS:
            return {"paymentId": payment_id, "found": False}
        line = next(one for one in self.ledger["payments"] if one["id"] == payment_id)
        return {"paymentId": payment_id, "found": True, "status": line["status"].lower()}


@pytest.fixture
def good():
    return Run()


def test_the_expected_run_agrees(good):
    assert good.found() == []
    assert len(good.ledger["payments"]) == 4


def test_a_payment_request_that_is_there_twice(good):
    good.ledger["payments"].append(copy.deepcopy(good.line("epay-2")))
    assert good.found() == ["epay-2: ePayments has 2 payment requests, the reply says 1"]


def test_a_payment_request_that_is_not_there(good):
    good.ledger["payments"].remove(good.line("epay-other"))
    assert "epay-other: ePayments has 0 payment requests, the reply says 1" in good.found()


def test_one_that_was_refused_and_is_there(good):
    good.ledger["payments"].append({**good.line("epay-2"), "aisPaymentId": "INV-epay-refused"})
    assert good.found() == ["epay-refused: ePayments has 1 payment request, the reply says 0"]


def test_one_that_nobody_published(good):
    good.ledger["payments"].append({**good.line("epay-2"), "aisPaymentId": "INV-other"})
    assert good.found() == ["ePayments has the payment request INV-other, which nobody published"]


@pytest.mark.parametrize("member", ["amountAsSent", "accessCode"])
def test_another_amount_or_access_code(good, member):
    good.line("epay-other")[member] = "other"
    assert good.found() == [
        "epay-other: ePayments has another identifier, amount or access code than the reply"
    ]


def test_other_errors_than_were_stated(good):
    good.ledger["rejections"][0]["errors"] = ["other"]
    assert good.found() == ["epay-refused: the reply has other errors than ePayments stated"]


def test_a_status_that_the_system_does_not_show(good):
    good.line("epay-3")["status"] = "Paid"
    assert good.found() == [f"epay-status: {good.line('epay-3')['id']} is Paid, the reply says pending"]


def test_one_that_was_marked_as_paid_twice(good):
    good.line("epay-2")["history"].append({"status": "Paid"})
    assert good.found() == [f"epay-desk: {good.line('epay-2')['id']} is Paid, the reply says paid"]


def test_another_code_than_the_reply_states(good):
    good.reply("epay-code")["accessCode"] = "other"
    assert good.found() == ["epay-code: the reply has another access code"]


def test_a_call_that_was_not_published_or_published_twice(good):
    calls = good.results.notifications
    calls["epay-2"] *= 2
    del calls["epay-3"]
    assert good.found() == [
        "epay-2: notifications of ['paid', 'paid'], expected of ['paid']",
        "epay-3: notifications of [], expected of ['paid']",
    ]


def test_a_call_about_a_submission_that_nobody_published(good):
    attempts = dict.fromkeys(good.results.answers, 9)
    good.results.notifications[""] = good.results.notifications["epay-1"]
    lines = mismatches(good.results, attempts)
    assert "a notification to nothing that it names, which was not published" in lines


def test_the_last_phase_waits_for_every_call(good):
    *others, last = Payments(date(2026, 3, 1)).phases()
    assert last.until(good.results)
    assert not last.until(Results())
    assert all(one.until(Results()) for one in others)
