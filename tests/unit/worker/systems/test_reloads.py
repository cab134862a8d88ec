"""What systems read from files is used anew when it changes, and stays as it was where it cannot be used."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import NOW, certificate_builder, issue
from tests.support.signing.signers import Signer, file_key
from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.systems.dependencies import Dependencies
from worker.systems.erx import build as erx_build
from worker.systems.erx.settings import ErxSettings
from worker.systems.kz_shep import build as kz_shep_build
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.nhif import build as nhif_build
from worker.systems.nhif.settings import NhifSettings
from worker.systems.nhis import build as nhis_build
from worker.systems.nhis.settings import NhisSettings
from worker.systems.port import Attempt, NotPrepared
from worker.systems.reloads import Renews

SEARCH = submission("kz-shep.medical-exemption.search.v1")
ATTEMPT = Attempt(1, str(uuid.UUID(int=1, version=4)), datetime.now(UTC), str(uuid.UUID(int=2, version=4)))


def dependencies(keys=None):
    return Dependencies(keys or {}, {}, {}, now=lambda: NOW, monotonic=lambda: 0.0)


def key(name="one"):
    return file_key(name, issue(name), clock=lambda: NOW)


def elliptic():
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = certificate_builder("one", private.public_key()).sign(private, SHA256())
    algorithm = SignatureAlgorithm.ECDSA_P256_SHA256
    return checked(Pkcs12Key("one", private, certificate, algorithm=algorithm), clock=lambda: NOW)


async def reload(system, subject):
    assert isinstance(system, Renews)
    (one,) = (found for found in system.reloadables() if found.subject == subject)
    await one.reload()
    return one


@pytest.fixture
def shep(tmp_path):
    """SHEP with a password and a pinned certificate in files."""
    (tmp_path / "password").write_text("first")
    (tmp_path / "shep.pem").write_bytes(issue("SHEP").pem())
    (tmp_path / "ca.pem").write_bytes(issue("CA", authority=True).pem())
    keys = {"one": key()}
    settings = KzShepSettings(
        url="https://shep.test",
        senders={"one": {"sender_id": "mis", "password_file": tmp_path / "password"}},
        pinned_certificates=[tmp_path / "shep.pem"],
        transport={"ca_file": tmp_path / "ca.pem"},
    )
    return kz_shep_build.build(settings, dependencies(keys)), keys


async def test_a_changed_password_of_a_shep_sender_is_sent(shep, tmp_path):
    system, _ = shep
    assert b">first</" in (await system.prepare(SEARCH, ATTEMPT)).request
    (tmp_path / "password").write_text("second\n")
    one = await reload(system, "systems.kz_shep.senders.one")
    assert (one.files, one.system, one.signer) == ((tmp_path / "password",), "kz-shep", "one")
    assert b">second</" in (await system.prepare(SEARCH, ATTEMPT)).request
    (tmp_path / "password").write_text("")
    with pytest.raises(ConfigurationError, match=r"password file .* is empty"):
        await reload(system, "systems.kz_shep.senders.one")
    assert b">second</" in (await system.prepare(SEARCH, ATTEMPT)).request
    await system.close()


async def test_a_password_that_could_not_be_read_at_the_start_is_read_later(tmp_path):
    settings = KzShepSettings(
        url="https://shep.test",
        senders={"one": {"sender_id": "mis", "password_file": tmp_path / "password"}},
        verify_answers=False,
    )
    system = kz_shep_build.build(settings, dependencies({"one": key()}))
    assert "cannot be read" in system.unusable_signers()["one"]
    (tmp_path / "password").write_text("first")
    await reload(system, "systems.kz_shep.senders.one")
    assert system.unusable_signers() == {}
    assert b">first</" in (await system.prepare(SEARCH, ATTEMPT)).request
    await system.close()


async def test_changed_pins_are_believed_and_broken_ones_are_not(shep, tmp_path):
    system, _ = shep
    before = system.certificates()
    (tmp_path / "shep.pem").write_bytes(issue("SHEP renewed").pem())
    await reload(system, "systems.kz_shep.pinned_certificates")
    after = system.certificates()
    assert (len(before), len(after), before == after) == (1, 1, False)
    (tmp_path / "shep.pem").write_bytes(b"text")
    with pytest.raises(ConfigurationError, match="not a certificate in PEM or DER"):
        await reload(system, "systems.kz_shep.pinned_certificates")
    assert system.certificates() == after
    await system.close()


async def test_a_renewed_signer_signs_sheps_messages_and_one_that_was_missing_too(shep):
    system, keys = shep
    first = (await system.prepare(SEARCH, ATTEMPT)).request
    keys["one"] = key("one renewed")
    second = (await system.prepare(SEARCH, ATTEMPT)).request
    del keys["one"]
    with pytest.raises(NotPrepared) as caught:
        await system.prepare(SEARCH, ATTEMPT)
    assert caught.value.outcome.reason == Reason.SIGNING_FAILED
    assert first != second
    await system.close()


@pytest.fixture
def erx(tmp_path):
    for name in ("client", "user", "secret"):
        (tmp_path / name).write_text(f"{name} 1")
    settings = ErxSettings.model_validate(
        {
            "client": {"username": "software", "password_file": tmp_path / "client"},
            "users": {"one": {"username": "dr-one", "password_file": tmp_path / "user"}},
            "secrets": {"new": {"password_file": tmp_path / "secret"}},
        }
    )
    return erx_build.build(settings, dependencies())


@pytest.mark.parametrize("name", ["client", "user"])
async def test_a_changed_password_logs_in_anew(erx, tmp_path, name, monkeypatch):
    forgotten = []
    monkeypatch.setattr(erx._tokens, "forget", forgotten.append)
    (tmp_path / name).write_text(f"{name} 2")
    await reload(erx, f"systems.erx.{'client' if name == 'client' else 'users.one'}")
    login = erx._accounts.client if name == "client" else erx._accounts.users["one"]
    assert (login.password, forgotten) == (f"{name} 2", ["one"])
    (tmp_path / name).unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await reload(erx, f"systems.erx.{'client' if name == 'client' else 'users.one'}")
    assert login.password == f"{name} 2"
    await erx.close()


async def test_a_changed_password_of_new_users_is_given(erx, tmp_path):
    (tmp_path / "secret").write_text("secret 2")
    await reload(erx, "systems.erx.secrets.new")
    assert erx._accounts.secrets == {"new": "secret 2"}
    await erx.close()


async def test_a_user_whose_password_could_not_be_read_is_usable_later(tmp_path):
    settings = ErxSettings.model_validate(
        {
            "client": {"username": "software", "password": "x"},
            "users": {"one": {"username": "dr-one", "password_file": tmp_path / "user"}},
        }
    )
    system = erx_build.build(settings, dependencies())
    assert not system.can_sign()
    (tmp_path / "user").write_text("word")
    await reload(system, "systems.erx.users.one")
    assert system.can_sign()
    await system.close()


def nhis(tmp_path, **settings):
    (tmp_path / "ca.pem").write_bytes(issue("CA", authority=True).pem())
    given = {"senders": {"one": {"uin": "0000000001"}}, "transport": {"ca_file": tmp_path / "ca.pem"}}
    return nhis_build.build(NhisSettings(**given, **settings), dependencies({"one": key()}))


def nhif(tmp_path):
    (tmp_path / "ca.pem").write_bytes(issue("CA", authority=True).pem())
    (tmp_path / "catalogue.yaml").write_text(
        "services:\n  - {module: m, version: v1, service: LIST, method: GET}\n"
    )
    settings = NhifSettings(
        api_url="https://nhif.test",
        senders=("one",),
        catalogue_file=tmp_path / "catalogue.yaml",
        transport={"ca_file": tmp_path / "ca.pem"},
    )
    return nhif_build.build(settings, dependencies({"one": key()}))


SYSTEMS = {
    "nhis by challenge": nhis,
    "nhis by mtls": lambda directory: nhis(directory, auth="mtls"),
    "nhif": nhif,
}


@pytest.mark.parametrize("make", SYSTEMS.values(), ids=SYSTEMS)
async def test_a_renewal_is_prepared_in_a_thread_and_applied_on_the_loop(make, tmp_path):
    system = make(tmp_path)
    apply = await asyncio.to_thread(system.renewal, "one", key("one renewed"))
    apply()
    other = await asyncio.to_thread(system.renewal, "a signer of no use to this system", key())
    other()
    await system.close()


@pytest.mark.parametrize("make", SYSTEMS.values(), ids=SYSTEMS)
async def test_a_key_that_the_system_does_not_take_is_refused_before_it_replaces_one(make, tmp_path):
    system = make(tmp_path)
    with pytest.raises(ConfigurationError, match="it signs with ecdsa-p256-sha256"):
        system.renewal("one", elliptic())
    await system.close()


@pytest.mark.parametrize("name", ["nhis by mtls", "nhif"])
async def test_a_key_that_cannot_leave_is_refused_where_tls_needs_it(name, tmp_path):
    system = SYSTEMS[name](tmp_path)
    on_card = checked(Signer(key(), key().sign_digests), clock=lambda: NOW)
    with pytest.raises(ConfigurationError, match="cannot be used for TLS"):
        system.renewal("one", on_card)
    await system.close()


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_the_token_of_the_earlier_certificate_is_forgotten_when_the_new_one_is_applied(
    tmp_path, auth, monkeypatch
):
    system, forgotten = nhis(tmp_path, auth=auth), []
    monkeypatch.setattr(system._tokens, "forget", forgotten.append)
    apply = system.renewal("one", key("one renewed"))
    assert forgotten == []
    apply()
    assert forgotten == ["one"]
    await system.close()


@pytest.mark.parametrize("make", SYSTEMS.values(), ids=SYSTEMS)
async def test_a_changed_ca_file_is_trusted_and_a_broken_one_is_not(make, tmp_path):
    system = make(tmp_path)
    subject = f"systems.{system.name}.transport.ca_file"
    (tmp_path / "ca.pem").write_bytes(issue("Next CA", authority=True).pem())
    await reload(system, subject)
    (tmp_path / "ca.pem").write_bytes(b"text")
    with pytest.raises(ConfigurationError, match="holds no PEM certificate"):
        await reload(system, subject)
    await system.close()


async def test_sheps_client_uses_a_changed_ca_file(shep, tmp_path, monkeypatch):
    system, _ = shep
    used = []
    client = ScriptedClient([])
    client.renew = used.append
    monkeypatch.setattr(system, "_client", client)
    (tmp_path / "ca.pem").write_bytes(issue("Next CA", authority=True).pem())
    await reload(system, "systems.kz_shep.transport.ca_file")
    assert len(used) == 1
