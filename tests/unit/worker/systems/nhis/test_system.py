"""The System port as a whole, with fakes at the ports alone."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import rsa_key
from tests.support.signing.signers import failing
from tests.support.signing.xmlsec_verify import verified
from tests.support.systems.nhis.answers import (
    NRN,
    ScriptedClients,
    challenge,
    leaf,
    leaves,
    message,
    refusal,
    token,
)
from worker.outcome import Accepted, AlreadyExists, Blocked, Retry, Unknown
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.systems.nhis import fields
from worker.systems.nhis.build import request_schemas
from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import Name, NhisSettings
from worker.systems.nhis.system import NhisSystem
from worker.systems.port import Attempt, CodeList, NotPrepared, Refused
from worker.transport.port import Answer, DeliveryError, SendGuard

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REGISTER = "nhis.immunization.register.v1"
REACTION = "nhis.adverse-reaction.register.v1"
IDENTITY = "0e0f8f0a-4b0c-4a53-9d6e-2f4a53c1b7d1"
_SCHEMAS = request_schemas(NhisSettings(), [one.request for one in exchanges(NhisSettings()).values()])


def attempt(number: int = 1) -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOW, IDENTITY)


@pytest.fixture
def clients():
    tokens = [challenge(), token("token-1"), challenge(), token("token-2")]
    return ScriptedClients(ScriptedClient([Answer(404, {}, b"")]), ScriptedClient(tokens))


@pytest.fixture
def make(settings, key, clients):
    def make(*, keys=None, code_lists=None, settings=settings):
        return NhisSystem(
            settings,
            schemas=_SCHEMAS,
            keys={"one": key} if keys is None else keys,
            clients=clients,
            code_lists=code_lists or {},
            now=lambda: NOW,
            monotonic=lambda: 0.0,
        )

    return make


@pytest.mark.parametrize("content_type", ["application/xml", "application/xml; charset=utf-8"])
async def test_the_content_type_is_a_setting(make, clients, settings, content_type):
    system = make(settings=settings.model_copy(update={"content_type": content_type}))
    prepared = await system.prepare(submission(REGISTER), attempt())
    assert prepared.headers["content-type"] == content_type
    assert {one.headers["content-type"] for one in clients.authorisation_client.requests} == {content_type}


async def test_a_registration_is_prepared_signed_and_sent(make, clients, key):
    system = make()
    prepared = await system.prepare(submission(REGISTER), attempt())
    root = verified(prepared.request, key.known.certificate)
    assert root.find(".//{*}messageId").get("value") == prepared.message_id == attempt().message_id
    assert root.find(".//{*}lrn").get("value") == prepared.identity == IDENTITY
    assert prepared.secret_headers == {"authorization": "Bearer token-1"}
    assert "authorization" not in prepared.headers
    assert "token-1" not in repr(prepared)
    await system.exchange(prepared, SendGuard(lambda: True))
    (request,) = clients.services_client.requests
    assert request.url == "https://nhis.test/v1/eimmunization/immunization/issue"
    assert request.content == prepared.request
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.reuse


@pytest.mark.parametrize("name", list(Name))
async def test_every_operation_has_its_path_and_its_message(make, key, name, settings):
    prepared = await make().prepare(submission(f"nhis.{name.value}.v1"), attempt())
    exchange = exchanges(settings)[name]
    assert prepared.url == exchange.url
    assert (
        verified(prepared.request, key.known.certificate).find(".//{*}messageType").get("value")
        == exchange.request
    )


async def test_attempts_differ_in_message_id_and_not_in_lrn(make):
    system = make()
    first, second = [await system.prepare(submission(REGISTER), attempt(number)) for number in (1, 2)]
    assert first.message_id != second.message_id
    assert first.request != second.request
    assert first.identity == second.identity


async def test_what_may_not_be_repeated_gets_a_fresh_connection(make, clients):
    system = make()
    prepared = await system.prepare(submission("nhis.adverse-reaction.register.v1"), attempt())
    await system.exchange(prepared, SendGuard(lambda: True))
    assert not clients.services_client.requests[0].reuse


def test_the_identity_is_the_lrn_or_derived_from_the_event(make, example):
    system = make()
    assert system.identity(submission(REGISTER, example)) == IDENTITY
    del example["immunization"]["lrn"]
    derived = system.identity(submission(REGISTER, example))
    assert derived == str(uuid.uuid5(uuid.NAMESPACE_URL, '["nhis-lrn", "https://hospital.test", "1"]'))
    assert derived == system.identity(submission(REGISTER, example))
    assert derived != system.identity(submission(REGISTER, example, event_id="2"))


@pytest.mark.parametrize(
    ("performer", "paths"),
    [
        ({}, []),
        ({"uin": "0000000009"}, ["$.data.performer.uin"]),
        ({"uin": "0000000009", "deputyUin": "0000000001", "role": "deputy"}, []),
        ({"uin": "0000000001", "deputyUin": "0000000009", "role": "hired"}, ["$.data.performer.deputyUin"]),
    ],
)
async def test_the_signer_must_be_the_one_who_acts(make, example, performer, paths):
    example["performer"] |= performer
    event = submission(REGISTER, example)
    if not paths:
        await make().check(event)
        return
    with pytest.raises(Refused) as refused:
        await make().check(event)
    assert refused.value.reason == Reason.CONTRACT_VIOLATION
    assert [problem.path for problem in refused.value.problems] == paths


async def test_unknown_codes_are_refused_with_whatever_else_is_wrong(make, example):
    lists = {"CL037": CodeList("CL037", "vaccines", NOW, {"17": {}})}
    with pytest.raises(Refused) as refused:
        await make(code_lists=lists).check(submission(REGISTER))
    assert refused.value.reason == Reason.UNKNOWN_CODE
    example["performer"]["uin"] = "0000000009"
    with pytest.raises(Refused) as refused:
        await make(code_lists=lists).check(submission(REGISTER, example))
    assert refused.value.reason == Reason.CONTRACT_VIOLATION
    assert len(refused.value.problems) == 2


async def test_codes_are_not_checked_where_the_setting_says_so(make, settings):
    lists = {"CL037": CodeList("CL037", "vaccines", NOW, {"17": {}})}
    await make(code_lists=lists, settings=settings.model_copy(update={"check_codes": False})).check(
        submission(REGISTER)
    )


async def test_a_401_storm_renews_once(make, clients):
    system = make()
    prepared = [await system.prepare(submission(REGISTER), attempt(number)) for number in range(1, 6)]
    for one in prepared:
        outcome = system.interpret(submission(REGISTER), one, Answer(401, {}, b"<html/>"))
        assert isinstance(outcome, Retry)
        assert outcome.reauthorize
        await system.reauthorize(one)
        again = await system.prepare(submission(REGISTER), attempt(9))
        assert again.secret_headers == {"authorization": "Bearer token-2"}
    assert len(clients.authorisation_client.requests) == 4


async def test_without_a_token_nothing_is_prepared(make, clients):
    clients.authorisation_client.script = [DeliveryError("connection-refused", "away", sent=False)]
    with pytest.raises(NotPrepared) as stopped:
        await make().prepare(submission(REGISTER), attempt())
    assert stopped.value.outcome.reason == Reason.TOKEN_UNAVAILABLE


async def test_a_signer_whose_key_is_unusable_is_blocked_alone(make):
    system = make(keys={})
    assert system.knows_signer("one")
    assert not system.knows_signer("two")
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare(submission(REGISTER), attempt())
    assert isinstance(stopped.value.outcome, Blocked)
    assert stopped.value.outcome.reason == Reason.SIGNING_FAILED


@pytest.mark.parametrize(("transient", "kind"), [(True, Retry), (False, Blocked)])
async def test_a_key_that_fails_after_the_token_was_got(make, key, transient, kind):
    fading = failing(key, "the card was taken out", transient=transient, after=1)
    with pytest.raises(NotPrepared) as stopped:
        await make(keys={"one": fading}).prepare(submission(REGISTER), attempt())
    assert (type(stopped.value.outcome), stopped.value.outcome.reason) == (kind, Reason.SIGNING_FAILED)


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_what_is_signed_with_the_key_of_another_certificate_does_not_leave(
    make, settings, key, clients, auth
):
    wrong = checked(Pkcs12Key("one", rsa_key("another"), key.known.certificate), clock=lambda: NOW)
    if auth == "mtls":
        clients.authorisation_client.script = [token("token-1")]
    system = make(keys={"one": wrong}, settings=settings.model_copy(update={"auth": auth}))
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare(submission(REGISTER), attempt())
    assert isinstance(stopped.value.outcome, Blocked)
    assert stopped.value.outcome.reason == Reason.SIGNING_FAILED
    assert "check that the signer's private key is that of the certificate" in stopped.value.outcome.detail
    assert [one.content for one in clients.authorisation_client.requests] == [b""]
    assert clients.services_client.requests == []


def entry() -> str:
    immunization = leaves(
        nrnImmunization=NRN, status="1", lrn=IDENTITY, occurrence="2025-03-14", vaccineCode="2998",
        doseNumber="1", lotNumber="AHBVC123",
    )  # fmt: skip
    subject = leaves(identifierType="1", identifier="7223154154")
    blocks = f"<nhis:immunization>{immunization}</nhis:immunization><nhis:subject>{subject}</nhis:subject>"
    return f"<nhis:results>{blocks}</nhis:results>"


async def test_already_there_is_looked_up_and_confirmed(make, key):
    system, event = make(), submission(REGISTER)
    prepared = await system.prepare(event, attempt())
    sentence = "Вече има подадена имунизация с този номер: " + NRN
    found = system.interpret(
        event, prepared, Answer(400, {}, refusal(sentence, message_id=prepared.message_id))
    )
    assert isinstance(found, AlreadyExists)
    query = await system.prepare_look_up(event, attempt(2), found)
    root = verified(query.request, key.known.certificate)
    assert root.find(".//{*}nrnImmunization").get("value") == NRN
    assert (query.operation, query.message_id) == ("immunization.search", attempt(2).message_id)
    body = message("I004", leaf("foundNumber", "1") + entry(), message_id=query.message_id)
    settled = system.settle(event, found, query, Answer(200, {}, body))
    assert settled == Accepted({"nrn": NRN, "lrn": IDENTITY, "status": "1", "alreadyRegistered": True})


async def test_an_adverse_reaction_has_no_look_up(make):
    event = submission("nhis.adverse-reaction.register.v1")
    assert await make().prepare_look_up(event, attempt(), AlreadyExists(())) is None


async def test_an_adverse_reaction_is_looked_up_where_nhis_shows_reactions(make, settings):
    system, event = make(settings=settings.model_copy(update={"shows_reactions": True})), submission(REACTION)
    lost = Unknown(Reason.ANSWER_TIMEOUT, "no answer came")
    query = await system.prepare_look_up(event, attempt(2), lost)
    sent = event.data.model_dump(mode="json", by_alias=True, exclude_none=True)["reaction"]
    names = {row.name: row.element for row in fields.REACTION}
    texts = {names[name]: str(value).lower() if value is True else str(value) for name, value in sent.items()}
    reaction = leaves(**texts)
    shown = leaf("nrnImmunization", event.data.nrn)
    blocks = f"<nhis:immunization>{shown}</nhis:immunization><nhis:reaction>{reaction}</nhis:reaction>"
    results = f"<nhis:results>{blocks}</nhis:results>"
    body = message("I004", leaf("foundNumber", "1") + results, message_id=query.message_id)
    settled = system.settle(event, lost, query, Answer(200, {}, body))
    assert settled == Accepted({"nrn": event.data.nrn, "alreadyRegistered": True})


@pytest.mark.parametrize(
    "case",
    [
        ({}, REACTION, 503, Unknown),
        ({}, REACTION, 429, Retry),
        ({}, REGISTER, 503, Unknown),
        ({"not_processed_statuses": [429, 503]}, REGISTER, 503, Retry),
        ({"not_processed_statuses": [429, 503]}, REACTION, 503, Unknown),
        ({"not_processed_by_operation": {"adverse-reaction.register": [503]}}, REACTION, 503, Retry),
        ({"not_processed_by_operation": {"adverse-reaction.register": [503]}}, REACTION, 429, Unknown),
        ({"not_processed_by_operation": {"adverse-reaction.register": [503]}}, REGISTER, 503, Unknown),
        (
            {"not_processed_statuses": [503], "never_resend": ["immunization.register"]},
            REGISTER,
            503,
            Unknown,
        ),
    ],
)
async def test_what_says_that_nothing_was_processed_depends_on_the_operation(make, settings, case):
    changes, event_type, status, kind = case
    given = settings.model_dump(mode="json", exclude_defaults=True) | changes
    system, event = make(settings=NhisSettings.model_validate(given)), submission(event_type)
    prepared = await system.prepare(event, attempt())
    assert isinstance(system.interpret(event, prepared, Answer(status, {}, b"")), kind)


@pytest.mark.parametrize("texts", [{"description": "RL029"}, {"reason": "RL029: друго лице"}])
async def test_a_message_that_the_wrong_person_signed_is_the_operators_matter(make, texts):
    system, event = make(), submission(REGISTER)
    prepared = await system.prepare(event, attempt())
    error = leaves(**{"type": "E003", "reason": "Подписът е на друго лице", **texts})
    body = message("I099", f"<nhis:error>{error}</nhis:error>", message_id=prepared.message_id)
    outcome = system.interpret(event, prepared, Answer(400, {}, body))
    assert isinstance(outcome, Blocked)
    assert (outcome.reason, [one.type for one in outcome.errors]) == (Reason.ACCESS_DENIED, ["E003"])
    assert 'signer "one"' in outcome.detail


async def test_the_403_of_a_submission_names_its_certificate(make, key):
    system, event = make(), submission(REGISTER)
    prepared = await system.prepare(event, attempt())
    outcome = system.interpret(event, prepared, Answer(403, {}, b""))
    assert f"{key.known.certificate.serial_number:x}" in outcome.detail
    assert "PNOBG" not in outcome.detail


@pytest.mark.parametrize(
    ("reaction", "alive"),
    [
        (Answer(200, {}, b""), True),
        (Answer(404, {}, b""), True),
        (Answer(401, {}, b""), True),
        (Answer(503, {}, b""), False),
        (Answer(500, {}, b""), False),
        (Answer(429, {}, b""), True),
        (DeliveryError("connection-refused", "nhis.test:443: no connection", sent=False), False),
    ],
)
async def test_a_probe_takes_any_answer_below_500_for_life(make, clients, reaction, alive):
    clients.services_client.script = [reaction]
    assert (await make().probe() is None) == alive


async def test_closing_closes_the_connections(make, clients):
    await make().close()
    assert clients.services_client.closed
    assert clients.authorisation_client.closed
