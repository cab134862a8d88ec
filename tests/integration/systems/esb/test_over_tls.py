"""ePayments through the ESB over real mutual TLS: tokens bound to certificates, and what the gateway lets through."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from tests.support.systems.epayment.connector import SENDERS
from tests.support.systems.esb.stand_in import StandIn
from worker.admin.preflight import runner
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.systems import SystemChecks
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.settings.systems import SystemsSettings
from worker.systems.dependencies import Dependencies
from worker.systems.esb.build import build as build_esb
from worker.systems.esb.settings import EsbSettings
from worker.systems.port import Attempt, NotPrepared
from worker.systems.registry import build_system
from worker.transport.port import SendGuard

AUTHORITY = issue("Test CA", authority=True)
STATUS, REQUEST = "epayment.payment.status.v1", "epayment.payment.request.v1"
ONE = {"paymentIds": ["2503141"]}


def now() -> datetime:
    return datetime.now(UTC)


class Payments:
    """The connector's back-end: registers each paymentId once, and changes what waits for payment."""

    def __init__(self):
        self.by_own = {}
        self.status = {}
        self.answer = None

    def __call__(self, asked):
        if self.answer is not None:
            return self.answer
        name = asked.path.removeprefix("/ep/connector/v1/")
        if name == "getPaymentStatus":
            one = asked.query["paymentId"]
            return 200, {"paymentId": one, "status": self.status.get(one), "changeTime": None}
        message = json.loads(asked.body)
        if name == "registerPaymentExtended":
            own = message["paymentData"]["paymentId"]
            one = self.by_own.setdefault(own, f"250314{len(self.by_own) + 1}")
            self.status.setdefault(one, "pending")
            return 200, {"paymentId": one, "registrationTime": "2025-03-14T11:30:00Z", "accessCode": "A1"}
        if self.status.get(message["paymentId"]) != "pending":
            cause = [{"code": "status", "message": "Unable to change"}]
            return 400, {"failureOrigin": "EPAYMENT", "cause": cause, "retryAfter": None}
        self.status[message["paymentId"]] = message["status"].lower()
        return 200, {"paymentId": message["paymentId"], "registrationTime": None, "accessCode": None}


@pytest.fixture
def payments():
    return Payments()


@pytest.fixture
def keys():
    made = {name: file_key(name, issue(name, issuer=AUTHORITY), clock=now) for name in ("one", "two")}
    stranger = issue("stranger", issuer=issue("Another CA", authority=True))
    return {**made, "stranger": file_key("stranger", stranger, clock=now)}


@pytest.fixture
def esb(payments):
    with StandIn(AUTHORITY, payments) as running:
        yield running


@pytest.fixture
async def make(esb, keys, tmp_path):
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem())
    made = []

    def make(**changes):
        esb.form = changes.get("parameters") == "form"
        settings = EsbSettings.model_validate(
            {
                "token_url": esb.token.url,
                "gateway_url": esb.gateway.url,
                "transport": {"ca_file": str(tmp_path / "ca.pem"), "connect_timeout": 5},
                **changes,
            }
        )

        def access(signers):
            return build_esb(
                settings,
                signers,
                system="epayment",
                keys=keys,
                unusable={},
                now=now,
                monotonic=lambda: 0.0,
                requested=lambda _: None,
            )

        senders = {**SENDERS, "stranger": {"service_cid": "strange"}, "keyless": {"service_cid": "none"}}
        section = SystemsSettings.model_validate({"epayment": {"access": "esb", "senders": senders}})
        given = Dependencies(keys, {}, {}, now=now, monotonic=lambda: 0.0, esb=access)
        made.append(build_system("epayment", section.of("epayment"), given))
        return made[-1]

    yield make
    for system in made:
        await system.close()


async def submitted(system, event_type, data=None, signer="one"):
    event = submission(event_type, data, signer=signer)
    prepared = await system.prepare(event, Attempt(1, "message-1", now(), system.identity(event)))
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    return system.interpret(event, prepared, answer), prepared, answer


@pytest.mark.parametrize("parameters", ["query", "form"])
async def test_a_payment_is_requested_paid_and_asked_for(make, esb, parameters):
    system = make(parameters=parameters)
    first, _, _ = await submitted(system, REQUEST)
    again, _, _ = await submitted(system, REQUEST)
    assert isinstance(first, Accepted)
    assert first.data["paymentId"] == again.data["paymentId"] == "2503141"
    paid = {"paymentId": "2503141", "method": "cash-desk", "description": "Квитанция"}
    assert isinstance((await submitted(system, "epayment.payment.set-paid.v1", paid))[0], Accepted)
    shown, _, _ = await submitted(system, STATUS, ONE)
    assert shown.data["payments"][0]["status"] == "paid"
    assert len(esb.token_requests) == 1
    assert {one.headers.get("service-cid") for one in esb.passed if one.method == "POST"} == {
        "invented-client"
    }
    assert esb.passed[0].headers["connection"] == "close"


async def test_each_signer_shows_its_own_certificate_and_uses_its_own_token(make, esb):
    system = make()
    await asyncio.gather(*(submitted(system, STATUS, ONE, signer) for signer in ("one", "two", "one", "two")))
    assert sorted(one.shown for one in esb.token_requests) == ["one", "two"]
    assert sorted(one.shown for one in esb.passed) == ["one", "one", "two", "two"]


async def test_a_revoked_token_is_replaced(make, esb):
    system = make()
    await submitted(system, STATUS, ONE)
    esb.revoke()
    outcome, prepared, _ = await submitted(system, STATUS, ONE)
    assert (type(outcome), outcome.reason, outcome.reauthorize) == (Retry, Reason.TOKEN_REFUSED, True)
    await system.reauthorize(prepared)
    assert isinstance((await submitted(system, STATUS, ONE))[0], Accepted)
    assert len(esb.token_requests) == 2


async def test_for_whom_a_signer_acts_is_bound_to_its_token(make, esb):
    system = make(acting={"one": {"default": {"represented_person_id": "p-1"}}}, introspect=True)
    await submitted(system, STATUS, ONE)
    await submitted(system, STATUS, ONE, signer="two")
    sent = {one.shown: one.headers["dp-miscinfo"] for one in esb.passed}
    assert sent == {"one": "dn:/C=BG/CN=one|p-1||", "two": "dn:/C=BG/CN=two|||"}


async def test_a_refusal_in_doubt_is_settled_by_the_status(make, payments):
    system = make()
    await submitted(system, REQUEST)
    data = {"paymentId": "2503141"}
    await submitted(system, "epayment.payment.suspend.v1", data)
    refused, _, _ = await submitted(system, "epayment.payment.suspend.v1", data)
    assert isinstance(refused, Rejected)
    event = submission("epayment.payment.suspend.v1", data)
    attempt = Attempt(2, "message-2", now(), system.identity(event))
    look_up = await system.prepare_look_up(event, attempt, refused)
    answer = await system.exchange(look_up, SendGuard(lambda: True))
    settled = system.settle(event, refused, look_up, answer)
    assert (type(settled), settled.data["status"]) == (Accepted, "suspended")
    assert payments.status == {"2503141": "suspended"}


async def test_a_failure_of_the_esb_leaves_the_outcome_unknown(make, payments):
    payments.answer = (503, {"failureOrigin": "INTEGRATION", "cause": [], "retryAfter": 17})
    outcome, _, _ = await submitted(make(), REQUEST)
    assert (type(outcome), outcome.delay) == (Unknown, 17.0)


async def test_a_wrong_client_id_blocks_its_signer_alone(make, esb):
    system = make(client_ids={"one": "somebody-else"})
    with pytest.raises(NotPrepared) as none:
        await submitted(system, STATUS, ONE)
    assert isinstance(none.value.outcome, Blocked)
    assert esb.passed == []
    assert isinstance((await submitted(system, STATUS, ONE, signer="two"))[0], Accepted)


async def test_a_renewed_certificate_is_shown_at_once_with_a_token_of_its_own(make, esb):
    system = make(client_ids={"one": "one-renewed"})
    system.renewal("one", file_key("one", issue("one-renewed", issuer=AUTHORITY), clock=now))()
    # The settings' key is the one that is checked; what is shown is the renewed certificate.
    assert isinstance((await submitted(system, STATUS, ONE))[0], Accepted)
    assert {one.shown for one in (*esb.token_requests, *esb.passed)} == {"one-renewed"}


async def test_the_checks_say_whose_certificate_the_esb_does_not_take(make):
    system = make()
    checks = SystemChecks(system, logins=True, seconds=5, now=now)
    found = {(one.id, one.subject): one for one in await runner.run(checks.all(), seconds=10)}
    verdicts = {subject: one.verdict for (name, subject), one in found.items() if name == "systems.token"}
    assert verdicts == {
        "epayment one": Verdict.OK,
        "epayment two": Verdict.OK,
        "epayment stranger": Verdict.FAIL,
        "epayment keyless": Verdict.FAIL,
    }
