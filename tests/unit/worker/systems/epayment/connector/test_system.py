"""The System port over the ESB as a whole, with a fake at the HttpClient port alone."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote_plus

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.epayment.answers import PAYMENT_ID
from tests.support.systems.epayment.connector import connector, registered, status
from tests.support.systems.esb.access import NOW, Service, failure, json_answer
from worker.configuration_error import ConfigurationError
from worker.notice import Notice
from worker.outcome import Accepted, Rejected, Unknown
from worker.settings.systems import SystemsSettings
from worker.systems.calls import Call, CallRefused, CallUnverified, ReceivesCalls
from worker.systems.dependencies import Dependencies
from worker.systems.port import Attempt, LogsIn, NotPrepared, Recovery, RefusesOperations, TellsEndpoints
from worker.systems.registry import build_system, operations_of
from worker.systems.reloads import Renews
from worker.transport.port import SendGuard

ONE = {"paymentIds": [PAYMENT_ID]}
SUSPEND, REQUEST = "epayment.payment.suspend.v1", "epayment.payment.request.v1"
UNKNOWN = Unknown(Reason.SERVER_ERROR, "x")
REFUSED = Rejected(())


@pytest.fixture
def service():
    return Service()


def attempt(made, event, number=1):
    return Attempt(number, f"message-{number}", NOW, made.identity(event))


async def sent(made, event, number=1):
    prepared = await made.prepare(event, attempt(made, event, number))
    return prepared, await made.exchange(prepared, SendGuard(lambda: True))


async def test_a_submission_goes_to_the_gateway_with_a_token(service):
    service.answer = json_answer(registered())
    made, event = connector(service), submission(REQUEST)
    await made.check(event)
    prepared, answer = await sent(made, event)
    (request,) = service.others
    assert request.url == "https://esb.test:5051/ep/connector/v1/registerPaymentExtended"
    assert request.headers["authorization"] == "Bearer t-1"
    assert request.headers["service-cid"] == "invented-client"
    assert "t-1" not in repr(prepared)
    assert "authorization" not in prepared.headers
    assert made.interpret(event, prepared, answer).reference == PAYMENT_ID
    assert "scope=%2Fep%2A" in service.tokens[0].url


async def test_it_acts_as_the_settings_default_says(service):
    made = connector(service, esb={"acting": {"one": {"default": {"oid": "2.16.100.1"}}}})
    await sent(made, submission(REQUEST))
    assert service.tokens[0].headers["OID"] == "2.16.100.1"


async def test_each_attempt_sends_the_same_bytes_and_a_401_gets_a_new_token(service):
    made, event = connector(service), submission(REQUEST)
    first, _ = await sent(made, event, 1)
    await made.reauthorize(first)
    second, _ = await sent(made, event, 2)
    assert (first.request, first.identity) == (second.request, second.identity)
    assert [one.headers["authorization"] for one in service.others] == ["Bearer t-1", "Bearer t-2"]


async def test_without_a_token_nothing_is_sent(service):
    service.token_answer = json_answer({}, 503)
    made, event = connector(service), submission(REQUEST)
    with pytest.raises(NotPrepared) as none:
        await made.prepare(event, attempt(made, event))
    assert none.value.shared is not None
    assert service.others == []


async def test_a_change_in_doubt_is_settled_by_its_status(service):
    made, event = connector(service), submission(SUSPEND)
    service.answer = json_answer(status("suspended"))
    look_up = await made.prepare_look_up(event, attempt(made, event), UNKNOWN)
    answer = await made.exchange(look_up, SendGuard(lambda: True))
    assert (look_up.method, look_up.url.partition("v1")[2]) == (
        "GET",
        f"/getPaymentStatus?paymentId={PAYMENT_ID}",
    )
    settled = made.settle(event, REFUSED, look_up, answer)
    assert (type(settled), settled.data["settledByStatus"]) == (Accepted, True)
    assert made.settle(event, REFUSED, look_up, json_answer(status("paid"))) == REFUSED
    for shown in (status("pending"), status("paid", "other")):
        assert isinstance(made.settle(event, REFUSED, look_up, json_answer(shown)), Unknown)


async def test_a_payment_request_in_doubt_has_nothing_to_be_looked_up_by(service):
    made, event = connector(service), submission(REQUEST)
    assert await made.prepare_look_up(event, attempt(made, event), UNKNOWN) is None
    assert service.tokens == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({}, Recovery.SAME_IDENTITY), ({"never_resend_obligation_types": ["1"]}, Recovery.HOLD)],
)
def test_the_rules_are_those_of_the_direct_interface(service, changes, rule):
    made = connector(service, **changes)
    assert made.recovery(submission(REQUEST)) is rule
    assert made.recovery(submission(SUSPEND)) is Recovery.SAME_IDENTITY
    looks_up = {one.name for one in made.operations.values() if one.looks_up}
    assert looks_up == {"payment.suspend", "payment.set-paid"}


def test_it_has_what_the_engine_and_the_commands_look_for(service):
    made = connector(service)
    for part in (LogsIn, TellsEndpoints, Renews, ReceivesCalls, RefusesOperations):
        assert isinstance(made, part)
    assert set(made.refused_operations()) == {"payment.search", "access-code.read"}
    assert list(made.logins()) == ["one", "two"]
    assert [one.use for one in made.endpoints()] == ["authorisation", "services"] * 2
    assert (made.knows_signer("two"), made.knows_signer("three")) == (True, False)


def call(client="invented-client", peer="192.0.2.7", stated="Paid", ids=(PAYMENT_ID,)):
    data = base64.b64encode(
        json.dumps([{"Id": one, "Status": stated, "ChangeTime": "x"} for one in ids]).encode()
    ).decode()
    form = f"ClientId={client}&Hmac={quote_plus('c29tZWJvZHkncw==')}&Data={quote_plus(data)}"
    return Call("POST", "", "", {}, form.encode(), peer)


CALLED = {"unsigned_callback_networks": ["192.0.2.0/24"]}


async def test_a_call_whose_hmac_nobody_can_check_is_confirmed_by_the_status(service):
    service.answer = json_answer(status("paid"))
    (notice,) = await connector(service, **CALLED).receive(call())
    assert isinstance(notice, Notice)
    assert (notice.data["confirmedBy"], notice.data["client"]) == ("status-query", "one")
    assert notice.data["changeTime"] == "2025-03-15T10:00:00.123"


@pytest.mark.parametrize(
    ("changes", "made", "kind", "code"),
    [
        ({}, call(), CallRefused, 401),
        (CALLED, call(peer="198.51.100.1"), CallRefused, 401),
        (CALLED, call(client="third-client"), CallRefused, 401),
        (CALLED, call(ids=[str(one) for one in range(21)]), CallRefused, 400),
        (CALLED, call(stated="Canceled"), CallUnverified, None),
    ],
    ids=["no network", "another network", "another client", "too many", "another status"],
)
async def test_other_calls_are_not_believed(service, changes, made, kind, code):
    service.answer = json_answer(status("paid"))
    received = await connector(service, **changes).receive(made)
    assert (type(received), getattr(received, "status", None)) == (kind, code)


@pytest.mark.parametrize("trouble", ["token", "gateway"])
async def test_a_call_that_cannot_be_confirmed_now_comes_again(service, trouble):
    if trouble == "token":
        service.token_answer = json_answer({}, 503)
    service.answer = json_answer(failure("INTEGRATION", "x"), 500)
    assert isinstance(await connector(service, **CALLED).receive(call()), CallUnverified)


def settings_with(**section):
    return SystemsSettings.model_validate({"epayment": section})


def test_without_the_section_of_the_esb_it_is_not_built():
    settings = settings_with(access="esb", senders={"one": {"service_cid": "c"}})
    dependencies = Dependencies({}, {}, {}, now=lambda: NOW, monotonic=lambda: 0.0)
    with pytest.raises(ConfigurationError, match=r"systems\.epayment: .* add the section esb"):
        build_system("epayment", settings.of("epayment"), dependencies)


def test_two_senders_cannot_be_one_service():
    with pytest.raises(ValueError, match="each service_cid may stand only once"):
        settings_with(access="esb", senders={one: {"service_cid": "c"} for one in ("one", "two")})


def test_the_registry_shows_that_a_request_is_not_looked_up():
    shown = operations_of(settings_with(access="esb").sections())
    assert not shown["epayment", "payment.request"].looks_up
    assert operations_of(settings_with().sections())["epayment", "payment.request"].looks_up


async def test_closing_releases_the_access(service):
    made = connector(service)
    await sent(made, submission("epayment.payment.status.v1", ONE))
    await made.close()
    assert made._esb.any().closed
