"""The System port as a whole, with a fake at the HttpClient port alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.epayment.answers import PAYMENT_ID, message, statuses, taken
from tests.support.systems.epayment.reading import CLIENTS, epayment_settings
from tests.support.systems.probes import SIGNS_OF_LIFE
from worker.configuration_error import ConfigurationError
from worker.outcome import Accepted, Blocked, Retry
from worker.settings.systems import SystemsSettings
from worker.systems.dependencies import Dependencies
from worker.systems.epayment.checks import MessageSchemas
from worker.systems.epayment.credentials import read_secrets
from worker.systems.epayment.system import EpaymentSystem
from worker.systems.port import Attempt, LogsIn, NotPrepared, Recovery, Refused
from worker.systems.registry import build_system, operations_of
from worker.transport.port import Answer, DeliveryError, SendGuard

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REQUEST, EXTENDED = "epayment.payment.request.v1", "epayment.payment.request-extended.v1"
SCHEMAS = MessageSchemas.load()
TYPES = [one for one in EVENT_TYPES if one.startswith("epayment.")]
DEPENDENCIES = Dependencies(keys={}, documents={}, code_lists={}, now=lambda: NOW, monotonic=lambda: 0.0)


def attempt(number=1, identity="identity"):
    return Attempt(number, f"message-{number}", NOW, identity)


def system(answer=None, **changes):
    settings = epayment_settings(**changes)
    client = ScriptedClient([answer or Answer(404, {}, b"")])
    made = EpaymentSystem(
        settings, secrets=read_secrets(settings), schemas=SCHEMAS, client=client, now=lambda: NOW
    )
    return made, client


async def sent(made, event, number=1):
    prepared = await made.prepare(event, attempt(number, made.identity(event)))
    return prepared, await made.exchange(prepared, SendGuard(lambda: True))


def test_it_knows_every_event_of_its_contract():
    assert set(system()[0].operations) == set(TYPES)


@pytest.mark.parametrize("event_type", TYPES)
async def test_every_event_becomes_one_signed_form_on_a_connection_of_its_own(event_type):
    made, client = system()
    event = submission(event_type)
    await made.check(event)
    prepared, _ = await sent(made, event)
    (request,) = client.requests
    assert request.method == "POST"
    assert request.url.startswith("https://pay.test:44310/api/v1/eService/")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert request.content == prepared.request
    assert not request.reuse
    assert prepared.evidence is None


async def test_a_request_is_accepted_under_the_systems_own_id():
    made, _ = system(Answer(200, {}, taken()))
    event = submission(REQUEST)
    prepared, answer = await sent(made, event)
    outcome = made.interpret(event, prepared, answer)
    assert (type(outcome), outcome.reference) == (Accepted, PAYMENT_ID)


async def test_each_attempt_sends_the_same_bytes():
    made, _ = system()
    first, second = [(await sent(made, submission(REQUEST), number))[0] for number in (1, 2)]
    assert (first.request, first.identity) == (second.request, second.identity)
    assert first.identity == "INV-2025-000123"


@pytest.mark.parametrize(
    ("event_type", "identity"),
    [
        (REQUEST, "INV-2025-000123"),
        (EXTENDED, "INV-2025-000123"),
        ("epayment.payment.suspend.v1", PAYMENT_ID),
        ("epayment.payment.set-paid.v1", PAYMENT_ID),
    ],
)
def test_the_identity_is_the_one_that_the_system_recognises(event_type, identity):
    assert system()[0].identity(submission(event_type)) == identity


async def test_a_signer_without_an_account_cannot_ask_for_payments_to_it():
    made, _ = system()
    with pytest.raises(Refused) as refused:
        await made.check(submission(REQUEST, signer="two"))
    assert refused.value.reason == Reason.CONFIGURATION
    assert "provider" in refused.value.problems[0].message
    await made.check(submission(EXTENDED, signer="two"))


async def test_each_signer_signs_with_its_own_client():
    made, client = system()
    for signer in CLIENTS:
        await sent(made, submission("epayment.payment.status.v1", signer=signer))
    assert [one.content.partition(b"&")[0] for one in client.requests] == [
        b"clientId=invented-client",
        b"clientId=other-client",
    ]
    assert made.knows_signer("two")
    assert not made.knows_signer("three")


async def test_a_client_whose_secret_cannot_be_read_blocks_only_its_own(tmp_path):
    clients = {**CLIENTS, "two": {"client_id": "other-client", "secret_file": str(tmp_path / "absent")}}
    made, _ = system(clients=clients)
    assert set(made.unusable_signers()) == {"two"}
    with pytest.raises(NotPrepared) as unprepared:
        await made.prepare(submission("epayment.payment.status.v1", signer="two"), attempt())
    assert isinstance(unprepared.value.outcome, Blocked)
    await sent(made, submission("epayment.payment.status.v1"))


async def test_a_changed_secret_signs_from_then_on(tmp_path):
    file = tmp_path / "secret"
    file.write_text("first\n")
    made, _ = system(clients={"one": {"client_id": "invented-client", "secret_file": str(file)}})
    event = submission("epayment.payment.status.v1")
    before, _ = await sent(made, event)
    file.write_text("second\n")
    (reload,) = made.reloadables()
    await reload.reload()
    after, _ = await sent(made, event)
    assert before.request != after.request
    assert (reload.subject, reload.signer) == ("systems.epayment.clients.one", "one")
    file.write_text("")
    with pytest.raises(ConfigurationError):
        await reload.reload()
    assert (await sent(made, event))[0].request == after.request


async def test_the_address_for_calls_is_sent_and_not_kept(tmp_path):
    file = tmp_path / "url"
    file.write_text("https://herald.test/epayment/secret-part\n")
    made, _ = system(notification_url_file=str(file))
    prepared, _ = await sent(made, submission(REQUEST))
    assert prepared.evidence not in {None, prepared.request}
    file.write_text("https://herald.test/epayment/other-part\n")
    (reload,) = made.reloadables()
    await reload.reload()
    again, _ = await sent(made, submission(REQUEST))
    assert again.request != prepared.request
    # What is kept differs by the signature alone: neither has the address.
    assert again.evidence.rpartition(b"data=")[2] == prepared.evidence.rpartition(b"data=")[2]
    assert "secret-part" not in repr(prepared)


@pytest.mark.parametrize("content", ["http://herald.test/x", "https://a b/x", "", "\nhttps://herald.test/x"])
def test_an_address_for_calls_that_is_none_is_told_without_being_quoted(tmp_path, content):
    file = tmp_path / "url"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as wrong:
        read_secrets(epayment_settings(notification_url_file=str(file)))
    assert "herald.test" not in str(wrong.value)


@pytest.mark.parametrize(("answer", "alive"), SIGNS_OF_LIFE)
async def test_the_probe_takes_any_answer_for_life(answer, alive):
    made, client = system(answer)
    assert (await made.probe() is None) is alive
    assert client.requests[0].url == "https://pay.test:44310/"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, {}, statuses(("0", None))), None),
        (Answer(200, {}, statuses(("0", ""))), None),
        (Answer(400, {}, message("Not authorized to access payment request.")), None),
        (Answer(401, {}, b""), Blocked),
        (Answer(404, {}, b""), Blocked),
        (Answer(500, {}, b""), Retry),
        (Answer(429, {}, b""), Retry),
        (Answer(200, {}, b"<html>"), Retry),
        (DeliveryError("tls-failure", "no connection", sent=False), Retry),
    ],
)
async def test_a_secret_is_tried_by_a_question_that_changes_nothing(answer, expected):
    made, client = system(answer)
    assert isinstance(made, LogsIn)
    assert made.logins() == ["one", "two"]
    outcome = await made.try_login("two")
    assert outcome is None if expected is None else isinstance(outcome, expected)
    assert client.requests[0].url.endswith("/paymentsStatus")


async def test_no_repr_holds_a_secret_or_a_payer():
    made, _ = system()
    prepared, _ = await sent(made, submission(REQUEST))
    for one in (prepared, made._secrets, made._settings):
        assert "secret-of-one" not in repr(one)
        assert "7223154154" not in repr(one)


async def test_it_is_built_from_its_settings():
    section = {"clients": json.loads(json.dumps(CLIENTS))}
    settings = SystemsSettings.model_validate({"epayment": section})
    made = build_system("epayment", settings.of("epayment"), DEPENDENCIES)
    assert (made.name, len(made.operations)) == ("epayment", 7)
    operations = operations_of(settings.sections())
    assert operations["epayment", "payment.request"].recovery is Recovery.SAME_IDENTITY
    assert {name for (_, name), one in operations.items() if one.recovery is Recovery.REPEAT} == {
        "payment.status",
        "payment.search",
        "access-code.read",
    }
    await made.close()
