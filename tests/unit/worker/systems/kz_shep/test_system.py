"""The System port as a whole, with fakes at the ports alone."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import threading
import uuid
from datetime import UTC, datetime

import pytest
from lxml import etree

from contracts.kz_shep.rules import IIN_RULES
from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import rsa_key
from tests.support.signing.xmlsec_verify import verified_body
from tests.support.systems.kz_shep.answers import (
    answer,
    data,
    envelope,
    error,
    exemption,
    fault,
    response,
    status,
)
from tests.support.systems.kz_shep.soap import signed_by_xmlsec
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SigningFailed
from worker.signing.wsse.sign import WsseSigner
from worker.systems.answer_settings import OperatorError
from worker.systems.kz_shep.medical_exemption import SERVICE
from worker.systems.kz_shep.senders import Sender
from worker.systems.kz_shep.system import KzShepSystem
from worker.systems.kz_shep.trust import Trust
from worker.systems.port import Attempt, NotPrepared, Recovery, Refused
from worker.transport.port import Answer, DeliveryError, SendGuard, SendRefused

SEARCH = "kz-shep.medical-exemption.search.v1"
NOW = datetime.now(UTC)
SENDER = Sender("mis-login-1", "p<w&\"d'1")
# As it is, and as XML may write it.
SPELLINGS = ("mis-login-1", "p<w&\"d'1", "p&lt;w&amp;\"d'1", "p&lt;w&amp;&quot;d&#x27;1")


def attempt(number: int = 1) -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOW, "identity")


@pytest.fixture
def client():
    return ScriptedClient([Answer(405, {}, b"")])


@pytest.fixture
def make(settings, schemas, key, gateway, client):
    def make(*, signers=None, services=(SERVICE,), pinned=None, settings=settings, sender=SENDER):
        return KzShepSystem(
            settings,
            services=services,
            schemas=schemas,
            senders={"one": sender},
            signers={"one": WsseSigner(key)} if signers is None else signers,
            trust=Trust([gateway.certificate] if pinned is None else pinned, now=lambda: NOW),
            client=client,
            now=lambda: NOW,
        )

    return make


def passes():
    return SendGuard(lambda: True)


async def exchanged(system, client, got, *, event=None):
    """Prepare and exchange a search that gets this answer; return what was sent, came back and came of it."""
    client.script = [got]
    event = event or submission(SEARCH)
    prepared = await system.prepare(event, attempt())
    back = await system.exchange(prepared, passes())
    return prepared, back, system.interpret(event, prepared, back)


async def test_what_the_engine_knows_of_it(make):
    system = make()
    assert (system.name, system.time_zone) == ("kz-shep", "Asia/Almaty")
    assert [(one.name, one.recovery) for one in system.operations.values()] == [
        ("medical-exemption.search", Recovery.REPEAT)
    ]
    assert system.recovery(submission(SEARCH)) is Recovery.REPEAT
    assert (system.knows_signer("one"), system.knows_signer("two")) == (True, False)
    await system.check(submission(SEARCH))


def test_the_identity_is_the_events_own(make):
    first = make().identity(submission(SEARCH))
    assert make().identity(submission(SEARCH)) == first
    assert make().identity(submission(SEARCH, event_id="2")) != first


async def test_a_message_is_signed_and_says_what_was_asked(make, key):
    prepared = await make().prepare(submission(SEARCH), attempt())
    message = verified_body(prepared.request, key.known.certificate)[0]
    assert message.findtext(".//iin") == "720315200006"
    assert message.findtext(".//messageId") == prepared.message_id == attempt().message_id
    assert message.findtext(".//senderId") == SENDER.sender_id
    assert message.findtext(".//password") == SENDER.password
    assert dict(prepared.headers) == {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
    assert (prepared.method, prepared.url) == ("POST", "https://shep.test/bip-sync-wss-gost/")
    assert not prepared.reuse


SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


async def test_the_appendixs_soap_1_2_is_a_setting(make, settings, key):
    action = "urn:invented:action"
    chosen = settings.model_copy(update={"soap": "1.2", "soap_action": action})
    prepared = await make(settings=chosen).prepare(submission(SEARCH), attempt())
    assert dict(prepared.headers) == {
        "content-type": f'application/soap+xml; charset=utf-8; action="{action}"'
    }
    assert etree.fromstring(prepared.request).tag == f"{{{SOAP_12}}}Envelope"
    assert verified_body(prepared.request, key.known.certificate)[0].findtext(".//iin") == "720315200006"


async def test_an_answer_in_soap_1_2_is_read_and_its_signature_checked(make, client, gateway):
    got = answer(signed_by_xmlsec(gateway, envelope(response(), soap=SOAP_12)))
    _, _, outcome = await exchanged(make(), client, got)
    assert isinstance(outcome, Accepted)
    got = answer(envelope(response(), soap=SOAP_12))
    _, _, outcome = await exchanged(make(), client, got)
    assert isinstance(outcome, Unknown)


def test_the_arithmetic_of_an_iin_is_a_setting(make, settings):
    assert make().waived_rules == frozenset()
    assert make(settings=settings.model_copy(update={"check_iin": False})).waived_rules == IIN_RULES


async def test_the_binding_of_the_type_survives_signing(make):
    prepared = await make().prepare(submission(SEARCH), attempt())
    payload = etree.fromstring(prepared.request).find(".//data")
    prefix, _, name = payload.get("{http://www.w3.org/2001/XMLSchema-instance}type").partition(":")
    assert (payload.nsmap[prefix], name) == (SERVICE.namespace, "MedicalExemptionSearchRequest")
    assert prefix not in payload.getparent().nsmap


async def test_each_attempt_has_its_own_message_id(make):
    system = make()
    ids = {
        etree.fromstring((await system.prepare(submission(SEARCH), attempt(n))).request).findtext(
            ".//messageId"
        )
        for n in (1, 2)
    }
    assert len(ids) == 2


async def test_evidence_keeps_all_but_the_credentials(make):
    prepared = await make().prepare(submission(SEARCH), attempt())
    assert not any(spelling.encode() in prepared.evidence for spelling in SPELLINGS)
    root = etree.fromstring(prepared.evidence)
    assert (root.findtext(".//senderId"), root.findtext(".//password")) == ("[removed]", "[removed]")
    # Whoever knows them can restore what was sent, signature and all.
    restored = prepared.evidence.replace(b"[removed]", b"mis-login-1", 1).replace(
        b"[removed]", b"p&lt;w&amp;\"d'1", 1
    )
    assert restored == prepared.request


async def test_no_repr_holds_the_credentials(make, settings):
    system = make()
    prepared = await system.prepare(submission(SEARCH), attempt())
    shown = f"{prepared!r}{dataclasses.replace(prepared)}{SENDER!r}{settings!r}{settings.senders!r}{system!r}"
    assert not any(spelling in shown for spelling in SPELLINGS)


async def test_from_event_to_outcome(make, client, signed):
    prepared, back, outcome = await exchanged(make(), client, answer(signed(envelope(response()))))
    assert isinstance(outcome, Accepted)
    assert back.evidence is None
    (request,) = client.requests
    assert (request.method, request.url, request.content) == ("POST", prepared.url, prepared.request)
    assert dict(request.headers) == dict(prepared.headers)


async def test_the_signature_is_checked_once_in_a_thread_and_by_the_bytes_alone(
    make, client, signed, monkeypatch
):
    calls = []

    def verify(document, pinned, *, now):
        assert threading.current_thread() is not threading.main_thread()
        calls.append(document)

    monkeypatch.setattr("worker.systems.kz_shep.trust.verify_body", verify)
    system = make()
    body = signed(envelope(response()))
    prepared, back, outcome = await exchanged(system, client, answer(body))
    assert isinstance(outcome, Accepted)
    assert calls == [body]
    monkeypatch.undo()
    # Read elsewhere, by a process that has not seen the exchange, it is the same.
    assert make().interpret(submission(SEARCH), prepared, back) == outcome


async def test_an_answer_that_repeats_the_credentials_is_kept_without_them(make, client, signed):
    said = "login mis-login-1 p&lt;w&amp;\"d'1 mis-login-12 amis-login-1"
    inside = response("", stated=f"<status><code>ERROR</code><message>{said}</message></status>")
    _, back, outcome = await exchanged(
        make(), client, answer(signed(envelope(inside)), **{"x-echo": "by mis-login-1"})
    )
    # Its signature was checked on what came.
    assert isinstance(outcome, Rejected)
    assert [one.reason for one in outcome.errors] == ["login [removed] [removed] mis-login-12 amis-login-1"]
    kept = back.kept()
    assert kept.evidence is None
    assert kept.headers["x-echo"] == "by [removed]"
    assert not any(f"{spelling} ".encode() in kept.body for spelling in SPELLINGS)
    assert b"mis-login-12" in kept.body
    assert b"login [removed] [removed] mis-login-12" in kept.body


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "cp1251"])
async def test_credentials_are_found_in_every_encoding(make, client, signed, codec):
    said = "login mis-login-1 p&lt;w&amp;\"d'1 mis-login-12"
    body = signed(
        envelope(response("", stated=f"<status><code>ERROR</code><message>{said}</message></status>"))
    )
    kind = {"content-type": "text/xml; charset=windows-1251" if codec == "cp1251" else "text/xml"}
    _, back, outcome = await exchanged(make(), client, answer(body.decode().encode(codec), **kind))
    assert isinstance(outcome, Rejected)
    assert [one.reason for one in outcome.errors] == ["login [removed] [removed] mis-login-12"]
    assert "login [removed] [removed] mis-login-12" in back.kept().body.decode(codec)


IN_WORDS = "p<w&\"d'1"


@pytest.mark.parametrize(
    "spelling",
    [
        *SPELLINGS[1:],
        "p&lt;w&amp;&quot;d&apos;1",
        "".join(f"&#{ord(one)};" for one in IN_WORDS),
        "".join(f"&#x{ord(one):04X};" for one in IN_WORDS),
        base64.b64encode(IN_WORDS.encode()).decode().rstrip("="),
    ],
)
async def test_the_password_is_taken_out_wherever_it_stands(make, client, spelling):
    _, back, _ = await exchanged(make(), client, answer(f"xx{spelling}xx", 500))
    assert back.kept().body == b"xx[removed]xx"


async def test_a_password_is_taken_out_of_a_refusal_that_an_operator_must_remove(
    make, client, signed, settings
):
    table = settings.model_copy(update={"operator_errors": (OperatorError(type="ERROR"),)})
    inside = response("", stated=status("ERROR", f"bad x{SENDER.password}y end"))
    _, _, outcome = await exchanged(make(settings=table), client, answer(signed(envelope(inside))))
    assert isinstance(outcome, Blocked)
    assert [one.reason for one in outcome.errors] == ["bad x[removed]y end"]


async def test_a_password_inside_a_word_of_a_refusal_is_taken_out(make, client, signed):
    inside = response("", stated=status("ERROR", f"bad x{SENDER.password}y end"))
    _, _, outcome = await exchanged(make(), client, answer(signed(envelope(inside))))
    assert [one.reason for one in outcome.errors] == ["bad x[removed]y end"]


async def test_a_short_sender_id_spoils_no_fact_of_an_accepted_result(make, client, signed):
    more = "<revocationReason>by 2025</revocationReason>"
    end = "<temporaryContraindicationEndDate>2025-09-30T00:00:00+05:00</temporaryContraindicationEndDate>"
    body = signed(envelope(response(data(status() + exemption("2025", more=end + more)))))
    system = make(sender=Sender("2025", None))
    _, _, outcome = await exchanged(system, client, answer(body))
    (found,) = outcome.data["exemptions"]
    assert (found["number"], found["temporaryContraindicationEndDate"][:4]) == ("2025", "2025")
    assert found["revocationReason"] == "by [removed]"


async def test_what_a_search_found_is_kept_without_them_too(make, client, signed):
    more = "<revocationReason>entered by mis-login-1</revocationReason>"
    inside = response(data(status() + exemption(more=more)))
    _, _, outcome = await exchanged(make(), client, answer(signed(envelope(inside))))
    (found,) = outcome.data["exemptions"]
    assert found["revocationReason"] == "entered by [removed]"
    (content,) = outcome.data["contents"]
    assert hashlib.sha256(b"%PDF-1.4\n% invented\n%%EOF\n").hexdigest() == content


async def test_a_signer_without_a_key_is_blocked(make):
    with pytest.raises(NotPrepared) as stopped:
        await make(signers={}).prepare(submission(SEARCH), attempt())
    assert (type(stopped.value.outcome), stopped.value.outcome.reason) == (Blocked, Reason.SIGNING_FAILED)


class FailingSigner:
    name = "one"

    def __init__(self, *, transient):
        self._transient = transient

    async def sign_document(self, document):
        raise SigningFailed("the server is away", transient=self._transient)


@pytest.mark.parametrize(("transient", "kind"), [(True, Retry), (False, Blocked)])
async def test_a_signer_that_fails(make, transient, kind):
    with pytest.raises(NotPrepared) as stopped:
        await make(signers={"one": FailingSigner(transient=transient)}).prepare(submission(SEARCH), attempt())
    assert (type(stopped.value.outcome), stopped.value.outcome.reason) == (kind, Reason.SIGNING_FAILED)


async def test_what_is_signed_with_the_key_of_another_certificate_does_not_leave(make, key, client):
    wrong = checked(Pkcs12Key("one", rsa_key("another"), key.known.certificate), clock=lambda: NOW)
    with pytest.raises(NotPrepared) as stopped:
        await make(signers={"one": WsseSigner(wrong)}).prepare(submission(SEARCH), attempt())
    assert (type(stopped.value.outcome), stopped.value.outcome.reason) == (Blocked, Reason.SIGNING_FAILED)
    assert "check that the signer's private key is that of the certificate" in stopped.value.outcome.detail
    assert client.requests == []


async def test_what_does_not_fit_is_refused_before_it_is_signed(make):
    event = submission(SEARCH)
    bad = dataclasses.replace(event, data=event.data.model_copy(update={"iin": "\x00"}))
    with pytest.raises(Refused):
        await make(signers={"one": FailingSigner(transient=True)}).prepare(bad, attempt())


async def test_a_lost_connection_and_a_refused_request_are_the_engines_matter(make, client):
    system = make()
    client.script = [DeliveryError("answer-timeout", "shep.test:443: no whole answer", sent=True)]
    prepared = await system.prepare(submission(SEARCH), attempt())
    with pytest.raises(DeliveryError):
        await system.exchange(prepared, passes())
    with pytest.raises(SendRefused):
        await system.exchange(prepared, SendGuard(lambda: False))


@pytest.mark.parametrize(
    ("got", "ill"),
    [
        (Answer(405, {}, b""), None),
        (Answer(500, {}, fault().encode()), None),
        (Answer(502, {}, b""), "SHEP answers 502"),
        (Answer(503, {}, b""), "SHEP answers 503"),
        (
            DeliveryError("dns-failure", "shep.test:443: the host name could not be resolved", sent=False),
            "shep.test",
        ),
    ],
)
async def test_a_sign_of_life(make, client, got, ill):
    client.script = [got]
    found = await make().probe()
    assert found is None if ill is None else found.startswith(ill)
    (request,) = client.requests
    assert (request.method, request.headers, request.content) == ("GET", {}, b"")


async def test_there_is_no_look_up_and_nothing_to_authorise(make, client):
    system = make()
    found = Unknown(Reason.SERVER_ERROR, "-")
    assert await system.prepare_look_up(submission(SEARCH), attempt(), found) is None
    prepared, back, _ = await exchanged(system, client, answer(b""))
    assert system.settle(submission(SEARCH), found, prepared, back) is found
    await system.reauthorize(prepared)
    await system.close()
    assert client.closed
    with pytest.raises(RuntimeError, match="shutdown"):
        await exchanged(system, client, answer(b"another"))


WRITES = dataclasses.replace(SERVICE, recovery=Recovery.HOLD)


@pytest.mark.parametrize(
    "got",
    [
        answer("", 429),
        answer("", 403),
        answer(fault(error("SCE001")), 500),
        answer(fault(error("SCE005")), 500),
    ],
)
async def test_of_a_service_that_writes_only_a_signature_shows_that_nothing_was_done(make, client, got):
    """There is none yet: this is the search, made to write."""
    prepared, _, outcome = await exchanged(make(services=(WRITES,)), client, got)
    assert isinstance(outcome, Unknown)
    assert not prepared.reuse
    assert isinstance((await exchanged(make(), client, got))[2], Retry | Blocked)


@pytest.mark.parametrize(
    ("named", "kind"), [(attempt().message_id, Blocked), ("another", Unknown), (None, Unknown)]
)
async def test_a_signed_fault_that_names_the_message_shows_it(make, client, signed, named, kind):
    said = error("SCE001") + (f"<correlationId>{named}</correlationId>" if named else "")
    got = answer(signed(fault(said)), 500)
    assert isinstance((await exchanged(make(services=(WRITES,)), client, got))[2], kind)


async def test_without_the_setting_nothing_is_sent_or_checked_by_it(make, client, signed, settings):
    system = make(settings=settings.model_copy(update={"correlation": False}))
    got = answer(signed(envelope(response(correlation="another"))))
    prepared, _, outcome = await exchanged(system, client, got)
    assert isinstance(outcome, Accepted)
    assert b"correlationId" not in prepared.request
    assert isinstance((await exchanged(make(), client, got))[2], Unknown)
