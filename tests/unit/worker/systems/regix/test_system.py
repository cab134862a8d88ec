"""The System port as a whole, with fakes at the ports alone."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from contracts.reasons import Reason
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from tests.support.systems.regix.answers import EGN, answer
from tests.support.systems.regix.system import KEY, NOON, Clients, attempt, dependencies, event, system
from worker.configuration_error import ConfigurationError
from worker.outcome import Blocked
from worker.systems.port import NotPrepared, PresentsCertificates, Recovery, Refused
from worker.systems.regix.build import build, operations
from worker.systems.regix.certificates import shown, subject, thumbprint
from worker.systems.regix.settings import RegixSettings
from worker.transport.port import SendGuard

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own"
  elementFormDefault="qualified"><xs:include schemaLocation="Parts.xsd"/><xs:element name="One" type="xs:int"/>
  <xs:element name="Other"><xs:complexType><xs:sequence><xs:element name="A" type="xs:date"/></xs:sequence>
  </xs:complexType></xs:element></xs:schema>"""
PARTS = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own"/>'


@pytest.fixture(scope="module")
def regix():
    return system()


async def refusal(made, submission):
    with pytest.raises(Refused) as caught:
        await made.check(submission)
    return caught.value.reason, [(one.path, one.rule) for one in caught.value.problems]


def xml(text, operation="GetActualState"):
    return event(operation=operation, argument=None, xml=text)


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        ("ValidPersonSearch", Recovery.REPEAT),
        ("CRCNumbersSomething", Recovery.HOLD),
        ("SendPaymentNotification", Recovery.HOLD),
        ("SendNotaryDocuments", Recovery.HOLD),
        ("GetActualState", Recovery.REPEAT),
        ("KzldAdministrators.GetRegisteredAdministratorByID", Recovery.REPEAT),
    ],
)
def test_the_rule_of_each_submission(regix, operation, rule):
    assert regix.recovery(xml("<a/>", operation) if operation != "ValidPersonSearch" else event()) is rule


def test_the_operation_as_a_whole_has_the_strictest_rule():
    assert [one.recovery for one in operations(RegixSettings())] == [Recovery.HOLD]


async def test_an_unknown_operation_is_refused(regix):
    given = xml("<a/>", "Nothing")
    reason, problems = await refusal(regix, given)

    assert reason is Reason.UNKNOWN_CODE
    assert problems == [("$.data.operation", "known-operation")]
    with pytest.raises(Refused):
        await regix.prepare(given, attempt())


@pytest.mark.parametrize(
    "text",
    [
        "<a>",
        "no XML",
        "<a/><b/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM 'http://192.0.2.1/x'><a/>",
        "<a>" * 200 + "</a>" * 200,
        '<?xml version="1.0" encoding="windows-1251"?><a/>',
    ],
)
async def test_an_argument_that_is_no_safe_xml_is_refused(regix, text):
    assert await refusal(regix, xml(text)) == (Reason.CONTRACT_VIOLATION, [("$.data.xml", "xml")])


@pytest.fixture
def own(tmp_path):
    (tmp_path / "GetActualState.xsd").write_text(XSD)
    (tmp_path / "Parts.xsd").write_text(PARTS)
    made = system(argument_schemas=str(tmp_path))
    yield made
    made._checks.close()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("<One xmlns='urn:own'>1</One>", True),
        ("<Other xmlns='urn:own'><A>2025-03-14</A></Other>", True),
        ("<One xmlns='urn:own'>x</One>", False),
        ("<Other xmlns='urn:own'><A>14.03.2025</A></Other>", False),
        ("<Other xmlns='urn:own'><B/></Other>", False),
        ("<One>1</One>", False),
        ("<Else xmlns='urn:own'/>", False),
    ],
)
async def test_the_operators_schema_is_held(own, text, valid):
    if valid:
        await own.check(xml(text))
    else:
        reason, problems = await refusal(own, xml(text))
        assert reason is Reason.SCHEMA_VIOLATION
        assert {path for path, _ in problems} == {"$.data.xml"}
    # An operation without a schema of its own takes any.
    await own.check(xml(text, "GetActualStateV2"))


async def test_a_breach_is_told_without_its_value(own):
    with pytest.raises(Refused) as caught:
        await own.check(xml(f"<One xmlns='urn:own'>{EGN}x</One>"))
    assert EGN not in str(caught.value.problems)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "has no schema that is named by an operation"),
        ({"GetActualState.xsd": "<a/>"}, "GetActualState.xsd"),
        ({"GetActualState.xsd": XSD}, "refers to Parts.xsd, which the folder does not have"),
        ({"GetActualState.xsd": PARTS}, "declares no element"),
        ({"GetActualState.xsd": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}, "carries a DTD"),
    ],
)
def test_schemas_that_cannot_be_used_are_told_at_the_start(tmp_path, files, told):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        system(argument_schemas=str(tmp_path))


def test_what_else_cannot_be_built_is_told_by_its_setting(tmp_path):
    with pytest.raises(ConfigurationError, match=r"argument_schemas: .* is no folder"):
        system(argument_schemas=str(tmp_path / "absent"))
    with pytest.raises(ConfigurationError, match=r"signatures\.trusted_certificates: .* cannot be read"):
        system(signatures={"trusted_certificates": [tmp_path / "absent"]})
    (tmp_path / "none").write_text("x")
    callback = {"callback_url": "https://herald.test/regix", "callback_secret_file": tmp_path / "none"}
    with pytest.raises(ConfigurationError, match=r"callback_secret_file: .* must hold 32 to 200"):
        system(**callback)
    with pytest.raises(ConfigurationError, match=r"callback_secret_file .* cannot be read"):
        system(**{**callback, "callback_secret_file": tmp_path / "absent"})
    with pytest.raises(ConfigurationError, match="is not a certificate in PEM or DER"):
        system(signatures={"trusted_certificates": [tmp_path / "none"]})
    with pytest.raises(ConfigurationError, match="senders need keys that TLS can use; unusable: one"):
        build(RegixSettings(senders=("one",)), dependencies(keys={"one": object()}))


async def test_an_operation_under_another_name_takes_xml():
    made = system(operations={"ValidPersonSearch": {"operation": "Other.IAPI.Search", "writes": False}})

    assert (await refusal(made, event()))[0] is Reason.CONTRACT_VIOLATION
    prepared = await made.prepare(xml("<a xmlns='urn:a'/>", "ValidPersonSearch"), attempt())
    assert b">Other.IAPI.Search<" in prepared.request


async def test_the_exchange_shows_the_signers_certificate():
    client = ScriptedClient([answer(b"<x/>")])
    made = system(client)
    prepared = await made.prepare(event(), attempt())
    await made.exchange(prepared, SendGuard(lambda: True))
    (request,) = client.requests
    assert (request.method, request.url, request.reuse) == ("POST", prepared.url, False)
    assert request.content == prepared.request


async def test_an_expired_certificate_blocks_before_anything_is_sent():
    old = file_key("one", issue("regix", end=NOON - timedelta(days=1)), clock=lambda: NOON)
    made = build(RegixSettings(senders=("one",)), dependencies(keys={"one": old}))

    with pytest.raises(NotPrepared) as caught:
        await made.prepare(event(), attempt())
    assert isinstance(caught.value.outcome, Blocked)
    assert caught.value.outcome.reason is Reason.CERTIFICATE_NOT_VALID
    assert await made.probe() is None
    assert made.endpoints() == []


async def test_a_signer_without_a_key_is_blocked(regix):
    with pytest.raises(NotPrepared) as caught:
        await regix.prepare(dataclasses.replace(event(), signer="two"), attempt())
    assert caught.value.outcome.reason is Reason.SIGNING_FAILED


def test_the_certificate_is_named_as_regix_knows_it(regix):
    (found,) = regix.presented_certificates()

    assert isinstance(regix, PresentsCertificates)
    assert found.signer == "one"
    assert found.thumbprint == thumbprint(KEY.known.certificate)
    assert len(found.thumbprint) == 40
    assert found.subject == "CN=regix-client.hospital.example"
    assert found.not_after == KEY.known.certificate.not_valid_after_utc


def test_a_persons_subject_is_not_told():
    person = issue("Д-р Измислена", subject_serial="PNOBG-7223154154")
    key = file_key("one", person, clock=lambda: NOON)

    assert subject(person.certificate) == "the subject of a person, which is not told"
    assert EGN not in shown("one", key)
    assert "Измислена" not in shown("one", key)
    assert shown("one", None) == 'signer "one"'


@pytest.mark.parametrize(("status", "alive"), [(200, True), (404, True), (500, True), (503, False)])
async def test_a_probe(status, alive):
    client = ScriptedClient([answer(b"", status)])
    made = system(client)

    assert (await made.probe() is None) is alive
    (request,) = client.requests
    assert (request.method, request.url) == ("GET", f"{RegixSettings().url}?wsdl")


async def test_closing_releases_everything():
    client = ScriptedClient([answer(b"")])
    made = system(client)
    await made.close()
    assert client.closed
    assert isinstance(made._clients, Clients)


async def test_any_number_of_reads_builds_the_same_argument(regix):
    first = await regix.prepare(event(), attempt(1))
    second = await regix.prepare(event(), attempt(2))
    assert first.request == second.request
    assert EGN not in repr(first)
