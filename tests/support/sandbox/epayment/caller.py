"""Calls the stand-in without a server, on a clock of the test's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sandbox.epayment.clients import CLIENT_IDS, invented_clients
from sandbox.epayment.stand_in import EPayments
from sandbox.stand_in import Request
from tests.support.sandbox.epayment.calls import FORM, PATH, form, payment

SECRETS = {name: f"тайна на {name}" for name in CLIENT_IDS}
NOW = datetime(2026, 12, 1, 10, 0, 0, 123400, tzinfo=UTC)
HOSPITAL, MUNICIPALITY = CLIENT_IDS


class Caller:
    """Calls the stand-in as its client, and moves its clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.api = EPayments(invented_clients(SECRETS), now=lambda: self.now, seed=7)

    def wait(self, **time) -> None:
        self.now += timedelta(**time)

    def send(self, method, body, *, path=None, verb="POST", media=FORM, certificate=None):
        headers = {"content-type": media} if media else {}
        return self.api.answer(Request(verb, path or PATH + method, "", headers, body, certificate))

    def raw(self, method, content, *, client=HOSPITAL, **more):
        return self.send(method, form(client, SECRETS[client], content, **more))

    def __call__(self, method, content, *, client=HOSPITAL, **more):
        """Return status and body of an answer."""
        answer = self.raw(method, content, client=client, **more)
        return answer.status, json.loads(answer.body)

    def register(self, **changes):
        """Register a payment request; return its identifier."""
        status, body = self("paymentJson", payment(**changes))
        assert (status, body["unacceptedReceiptJson"]) == (200, None)
        return body["acceptedReceiptJson"]["id"]

    def errors(self, **changes):
        """Return the errors of a payment request that is not accepted."""
        status, body = self("paymentJson", payment(**changes))
        assert status == 200
        assert body["acceptedReceiptJson"] is None
        return body["unacceptedReceiptJson"]["errors"]

    def refused(self, method, content, **more):
        """Return the text of a 400."""
        status, body = self(method, content, **more)
        assert status == 400
        return body["Message"]

    def ledger(self, name="payments"):
        return self.api.ledger()[name]

    def status_of(self, identifier):
        return self("paymentsStatus", {"requestIds": [identifier]})[1]["paymentStatuses"][0]["status"]
