"""The System port as a whole, with fakes at the ports alone."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.signers import Signer
from tests.unit.worker.systems.nhif.conftest import NOON
from worker.configuration_error import ConfigurationError
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.signing.checked import checked
from worker.systems.dependencies import Dependencies
from worker.systems.nhif.build import build, operations
from worker.systems.nhif.settings import Name
from worker.systems.nhif.system import NhifSystem
from worker.systems.port import Attempt, NotPrepared, Recovery, Refused
from worker.transport.port import Answer, DeliveryError, SendGuard

READ, SUBMIT = "nhif.service.read.v1", "nhif.document.submit.v1"
PATIENT = "7223154154"
REPORT = {
    "module": "m",
    "version": "v1",
    "service": "REPORT",
    "parameters": {"practice": PATIENT, "fromDate": "2025-03-01", "count": 1, "share": 0.5, "whole": True},
}


def document(service, **body):
    return submission(
        SUBMIT, {"module": "m", "version": "v1", "service": service, **(body or {"json": {"invented": "x"}})}
    )


def attempt(number: int = 1) -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOON, "identity")


class Clients:
    """One scripted client a signer."""

    def __init__(self, *signers):
        self.by_signer = {signer: ScriptedClient([Answer(200, {}, b"{}")]) for signer in signers}

    def of(self, signer):
        return self.by_signer[signer]

    def any(self):
        return next(iter(self.by_signer.values()))

    async def aclose(self):
        for client in self.by_signer.values():
            await client.aclose()


@pytest.fixture
def clients():
    return Clients("one", "two")


@pytest.fixture
def make(settings, catalogue, key, clients):
    def make(*, keys=None, now=NOON, **changes):
        return NhifSystem(
            settings.model_copy(update=changes),
            catalogue=catalogue,
            keys={"one": checked(key, clock=lambda: now)} if keys is None else keys,
            clients=clients,
            now=lambda: now,
        )

    return make


async def test_a_read_is_a_get_with_the_signers_own_certificate(make, clients):
    system = make()
    prepared = await system.prepare(submission(READ, REPORT), attempt())
    await system.exchange(prepared, SendGuard(lambda: True))
    (request,) = clients.of("one").requests
    assert request.method == "GET"
    assert request.url == f"https://nhif.test/api/m/v1/REPORT/{PATIENT}/2025-03-01/1/0.5/true"
    assert (request.content, request.headers, request.reuse) == (b"", {"accept": "application/json"}, False)
    assert clients.of("two").requests == []


async def test_a_document_is_a_post(make, clients):
    system = make()
    prepared = await system.prepare(document("ANY", json={"invented": "ж"}), attempt())
    await system.exchange(prepared, SendGuard(lambda: True))
    (request,) = clients.of("one").requests
    assert (request.method, request.url) == ("POST", "https://nhif.test/api/m/v1/ANY")
    assert request.content == '{"invented":"ж"}'.encode()
    assert (prepared.identity, prepared.message_id) == ("identity", attempt().message_id)


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (submission(READ, REPORT), Recovery.REPEAT),
        (document("ANY"), Recovery.HOLD),
        (document("JSON"), Recovery.REPEAT),
        (
            document("XML", xml='<invented xmlns="urn:invented"><count>1</count></invented>'),
            Recovery.SAME_IDENTITY,
        ),
    ],
    ids=["read", "hold", "repeat", "same-identity"],
)
async def test_the_catalogue_decides_what_an_unknown_outcome_means(make, event, rule):
    system = make()
    assert system.recovery(event) is rule
    # NHIF's answers name no request, so each request gets a connection of its own.
    assert not (await system.prepare(event, attempt())).reuse


def test_what_is_not_in_the_catalogue_has_the_most_careful_rule(make):
    # An entry may have gone while its document was in flight.
    assert make().recovery(document("GONE")) is Recovery.HOLD
    assert make().recovery(document("LIST")) is Recovery.HOLD
    gone = submission(READ, {"module": "m", "version": "v1", "service": "GONE"})
    assert make().recovery(gone) is Recovery.REPEAT
    assert {one.event_type: one.recovery for one in operations(None)} == {
        READ: Recovery.REPEAT,
        SUBMIT: Recovery.HOLD,
    }


def test_the_identity_is_the_events_own(make):
    one, other = submission(READ, REPORT), submission(READ, REPORT, event_id="2")
    assert make().identity(one) == make().identity(submission(READ, REPORT))
    assert make().identity(one) != make().identity(other)
    assert uuid.UUID(make().identity(one)).version == 5


@pytest.mark.parametrize("event", [document("GONE"), document("ANY", xml="<a>")])
async def test_what_does_not_fit_the_catalogue_is_refused_before_and_when_it_leaves(make, event):
    with pytest.raises(Refused):
        await make().check(event)
    with pytest.raises(Refused):
        await make().prepare(event, attempt())


async def test_a_certificate_that_is_not_valid_is_not_shown(make, key):
    for now, words in (
        (NOON + timedelta(days=800), "expired on"),
        (NOON - timedelta(days=800), "valid only from"),
    ):
        with pytest.raises(NotPrepared) as stopped:
            await make(now=now).prepare(document("ANY"), attempt())
        outcome = stopped.value.outcome
        assert isinstance(outcome, Blocked)
        assert outcome.reason == Reason.CERTIFICATE_NOT_VALID
        assert words in outcome.detail
        assert f"{key.known.certificate.serial_number:x}" in outcome.detail
        assert "PNOBG" not in outcome.detail


async def test_a_signer_whose_key_is_unusable_is_blocked_alone(make):
    system = make(keys={})
    assert system.knows_signer("one")
    assert not system.knows_signer("three")
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare(document("ANY"), attempt())
    assert stopped.value.outcome.reason == Reason.SIGNING_FAILED


async def test_answers_are_read_by_catalogue_and_settings(make, key):
    system = make(refusal_statuses=frozenset({409}))
    event = submission(READ, REPORT)
    prepared = await system.prepare(event, attempt())
    assert isinstance(system.interpret(event, prepared, Answer(200, {}, b"{}")), Accepted)
    assert isinstance(system.interpret(event, prepared, Answer(200, {}, b"<a/>")), Unknown)
    assert isinstance(system.interpret(event, prepared, Answer(409, {}, b"no")), Rejected)
    refused = system.interpret(event, prepared, Answer(403, {}, b""))
    assert f"{key.known.certificate.serial_number:x}" in refused.detail
    assert "PNOBG" not in refused.detail


async def test_there_is_nothing_to_renew_and_nothing_to_look_up(make, clients):
    system = make()
    prepared = await system.prepare(document("ANY"), attempt())
    found = Unknown(Reason.ANSWER_TIMEOUT, "no answer")
    await system.reauthorize(prepared)
    assert await system.prepare_look_up(document("ANY"), attempt(), found) is None
    assert system.settle(document("ANY"), found, prepared, Answer(200, {}, b"")) is found
    assert clients.of("one").requests == []


async def test_no_patient_in_any_repr_or_log(make, caplog):
    caplog.set_level(logging.DEBUG)
    system = make()
    event = submission(READ, REPORT)
    prepared = await system.prepare(event, attempt())
    await system.exchange(prepared, SendGuard(lambda: True))
    outcome = system.interpret(event, prepared, Answer(400, {}, PATIENT.encode()))
    assert PATIENT in prepared.url
    assert PATIENT not in repr(prepared) + repr(event) + repr(outcome) + caplog.text


@pytest.mark.parametrize(
    "case",
    [
        ({}, "ANY", 503, Unknown),
        ({}, "ANY", 429, Retry),
        ({"not_processed_statuses": frozenset({503})}, "ANY", 503, Unknown),
        ({"not_processed_statuses": frozenset({503})}, "JSON", 503, Retry),
        ({"not_processed_by_operation": {Name.SUBMIT: frozenset({503})}}, "ANY", 503, Retry),
    ],
)
async def test_what_says_that_a_document_was_not_processed_depends_on_its_rule(make, case):
    changes, service, status, kind = case
    prepared = await make().prepare(document("ANY"), attempt())
    outcome = make(**changes).interpret(document(service), prepared, Answer(status, {}, b""))
    assert isinstance(outcome, kind)


@pytest.mark.parametrize(
    ("reaction", "alive"),
    [
        (Answer(200, {}, b""), True),
        (Answer(403, {}, b""), True),
        (Answer(404, {}, b""), True),
        (Answer(503, {}, b""), False),
        (Answer(500, {}, b""), False),
        (Answer(429, {}, b""), True),
        (DeliveryError("tls-failure", "nhif.test:443: no TLS session", sent=False), False),
    ],
)
async def test_a_probe_takes_any_answer_below_500_for_life(make, clients, reaction, alive):
    clients.of("one").script = [reaction]
    assert (await make().probe() is None) == alive


async def test_closing_closes_the_connections(make, clients):
    await make().close()
    assert all(clients.of(signer).closed for signer in ("one", "two"))


def _means(keys):
    return Dependencies(keys, {}, {}, now=lambda: NOON, monotonic=lambda: 0.0)


async def test_building_opens_nothing_and_needs_no_key(settings):
    system = build(settings, _means({}))
    with pytest.raises(NotPrepared):
        await system.prepare(submission(SUBMIT), attempt())
    await system.close()


def test_a_key_that_tls_cannot_use_is_reported(settings, key):
    with pytest.raises(ConfigurationError, match="senders need keys that TLS can use; unusable: one"):
        build(settings, _means({"one": Signer(key, key.sign_digests)}))
