"""The settings of SHEP, and what is made of them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from tests.support.contract_events import submission
from tests.support.signing.certificates import issue
from worker.configuration_error import ConfigurationError
from worker.signing.wsse.sign import WsseSigner
from worker.systems.dependencies import Dependencies
from worker.systems.kz_shep.build import build, operations
from worker.systems.kz_shep.operations import SERVICES
from worker.systems.kz_shep.senders import load_sender
from worker.systems.kz_shep.settings import KzShepSettings, ShepSender
from worker.systems.kz_shep.trust import load_pinned
from worker.systems.port import Attempt, NotPrepared, Recovery

GOOD = {
    "url": "https://shep.test/bip-sync-wss-gost/",
    "senders": {"one": {"sender_id": "mis-login-1", "password": "secret-word"}},
    "pinned_certificates": ["shep.pem"],
}
NOW = datetime.now(UTC)


def dependencies(**changes):
    given = {"keys": {}, "documents": {}, "code_lists": {}, "now": lambda: NOW, "monotonic": lambda: 0.0}
    return Dependencies(**given | changes)


def test_good_settings():
    settings = KzShepSettings(**GOOD)
    assert settings.verify_answers
    assert "SCSS001" in settings.status_codes.success
    assert settings.fault_codes.transient == {"SCE909"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "http://10.0.0.1/"}, "allow_plain_http"),
        ({"url": "ftp://10.0.0.1/"}, "scheme"),
        ({"url": "https://user:secret-word@shep.test/"}, "neither user"),
        ({"url": "https://shep.test/?a=secret-word"}, "query"),
        ({"senders": {}}, "at least 1"),
        ({"pinned_certificates": []}, "pinned_certificates"),
        ({"time_zone": "Asia/Nowhere"}, "time zone"),
        ({"service_ids": {"no.such": "X"}}, "medical-exemption.search"),
        ({"senders": {"one": {"sender_id": "", "password": "secret-word"}}}, "1 to 255"),
        (
            {"senders": {"one": {"sender_id": "m", "password": "secret-word", "password_file": "x"}}},
            "only one of",
        ),
        ({"soap": "1.3"}, "'1.1' or '1.2'"),
        ({"soap_action": 'a"b'}, "quotation marks"),
        ({"exemption_statuses": {"X": "gone"}}, "'revoked'"),
        ({"exemption_statuses": {"x": "revoked", "X": "revoked"}}, "x is given more than one meaning"),
        ({"status_codes": {"success": ["Ok"], "nothing_found": ["OK"]}}, "ok is given more than one"),
        ({"fault_codes": {"transient": ["SCE001"]}}, "SCE001 is given more than one meaning"),
        ({"transport": {"max_answer_bytes": 8388609}}, "at most 8388608"),
        ({"senders": {"one": {"sender_id": "m\ufffe"}}}, "1 to 255"),
        ({"route_id": "r\x01"}, "1 to 255"),
        ({"route_id": "r\uffff"}, "1 to 255"),
        ({"status_codes": {"success": ["a b"]}}, "code of at most"),
        ({"fault_codes": {"refusals": ["("]}}, "regular expression"),
    ],
)
def test_bad_settings_are_reported_without_secrets(changes, told):
    with pytest.raises(ValidationError) as bad:
        KzShepSettings(**GOOD | changes)
    assert told in str(bad.value)
    assert "secret-word" not in str(bad.value)


def test_the_url_is_required():
    with pytest.raises(ValidationError, match="url"):
        KzShepSettings(**{name: value for name, value in GOOD.items() if name != "url"})


def test_risks_are_taken_by_explicit_switches_and_warned_of(caplog):
    risky = KzShepSettings(
        url="http://10.0.0.1/bip-sync-wss-gost/",
        senders=GOOD["senders"],
        allow_plain_http=True,
        verify_answers=False,
    )
    with caplog.at_level(logging.WARNING):
        build(risky, dependencies())
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "plain http" in caplog.text
    assert "not verified" in caplog.text
    assert "mis-login-1" not in caplog.text


def test_safe_settings_warn_of_nothing(caplog, tmp_path):
    with caplog.at_level(logging.WARNING):
        build(pinned_settings(tmp_path, issue("SHEP").pem()), dependencies())
    assert caplog.records == []


def pinned_settings(tmp_path, content):
    file = tmp_path / "shep.cer"
    file.write_bytes(content)
    return KzShepSettings(**GOOD | {"pinned_certificates": [file]})


def test_certificates_in_either_form_and_several_in_one_file(tmp_path):
    first, second = issue("SHEP 2022"), issue("SHEP 2025")
    pem, der = tmp_path / "both.pem", tmp_path / "one.cer"
    pem.write_bytes(first.pem() + second.pem())
    der.write_bytes(second.certificate.public_bytes(Encoding.DER))
    assert [pin.certificate for pin in load_pinned(pem)] == [first.certificate, second.certificate]
    assert [pin.certificate for pin in load_pinned(der)] == [second.certificate]


def test_all_that_cannot_be_read_is_reported_at_once(tmp_path):
    (tmp_path / "nothing.pem").write_bytes(b"nothing")
    settings = KzShepSettings(
        url="https://shep.test/",
        senders={"one": {"sender_id": "m"}},
        pinned_certificates=[tmp_path / "nothing.pem", tmp_path / "absent.pem"],
    )
    with pytest.raises(ConfigurationError) as bad:
        build(settings, dependencies())
    told = bad.value.problems
    assert [one.partition(":")[0] for one in told] == ["pinned_certificates"] * 2


def test_a_sender_whose_password_cannot_be_read_is_unusable_alone(tmp_path):
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    senders = {
        name: {"sender_id": "m", "password_file": tmp_path / name} for name in ("empty", "binary", "absent")
    }
    settings = KzShepSettings(
        url="https://shep.test/", senders=senders | {"good": {"sender_id": "m"}}, verify_answers=False
    )
    built = build(settings, dependencies())
    assert built.unusable_signers().keys() == senders.keys()
    assert "is empty" in built.unusable_signers()["empty"]
    assert built.can_sign()


@pytest.mark.parametrize(
    ("content", "password"),
    [("\ufeffword\n", "word"), ("word\n", "word"), ("word\r\n", "word"), (" word ", " word "), ("Ә\n", "Ә")],
)
def test_a_password_file(tmp_path, content, password):
    file = tmp_path / "password"
    file.write_text(content, encoding="utf-8")
    assert load_sender(ShepSender(sender_id="m", password_file=file)).password == password


@pytest.mark.parametrize("password", ["", "secret\x01word", "secret\ufffeword", "secret\udc80word"])
def test_a_password_that_cannot_be_sent_is_reported_at_the_start(password):
    senders = {"one": {"sender_id": "m", "password": password}}
    settings = KzShepSettings(url="https://shep.test/", senders=senders, verify_answers=False)
    told = build(settings, dependencies()).unusable_signers()["one"]
    assert told.startswith("the setting password ")
    assert "word;" not in told
    assert "secret" not in told


def test_a_sender_may_have_no_password():
    assert load_sender(ShepSender(sender_id="m")).password is None


class Server:
    name = "server"

    def __init__(self):
        self.documents = []

    async def sign_document(self, document):
        self.documents.append(document)
        return document


async def test_keys_sign_here_and_document_signers_there(tmp_path, key):
    server = Server()
    settings = KzShepSettings(
        url="https://shep.test/",
        senders={name: {"sender_id": name} for name in ("one", "server", "absent")},
        verify_answers=False,
    )
    system = build(settings, dependencies(keys={"one": key}, documents={"server": server}))
    attempt = Attempt(1, "m", NOW, "i")
    signers = {}
    for name in ("one", "server"):
        event = submission("kz-shep.medical-exemption.search.v1", signer=name)
        signers[name] = (await system.prepare(event, attempt)).request
    assert b"SignatureValue" in signers["one"]
    assert signers["server"] == server.documents[0]
    with pytest.raises(NotPrepared):
        await system.prepare(submission("kz-shep.medical-exemption.search.v1", signer="absent"), attempt)
    await system.close()
    assert WsseSigner(key).name == "one"


def test_every_service_has_an_event_and_a_rule():
    names = {one.name: one.recovery for one in operations(KzShepSettings(**GOOD))}
    assert names == {service.operation: service.recovery for service in SERVICES}
    assert names == {"medical-exemption.search": Recovery.REPEAT}
