"""Which certificates can be pinned, what is said of their end, and where signatures are checked by them."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import issue, rsa_key
from tests.support.signing.der import altered
from tests.support.signing.gost import gost_signer
from worker.configuration_error import ConfigurationError
from worker.outcome import Blocked
from worker.systems.dependencies import Dependencies
from worker.systems.kz_shep.build import build
from worker.systems.kz_shep.trust import Trust, load_pinned
from worker.systems.port import Attempt, NotPrepared, TrustsCertificates

NOW = datetime.now(UTC).replace(microsecond=0)
RSA = rsa_key("SHEP, invented")
WEAK = rsa_key("SHEP, invented", 1024)
EC = ec.generate_private_key(ec.SECP256R1())
GOOD, SOON, OLD = (timedelta(days=days) for days in (100, 5, -10))


@pytest.fixture
def pin(tmp_path):
    def pin(end, key=RSA, name="shep.pem"):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SHEP, invented")])
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), 0xABC)
            .not_valid_before(NOW - timedelta(days=800))
            .not_valid_after(NOW + end)
            .sign(key, SHA256())
        )
        (tmp_path / name).write_bytes(certificate.public_bytes(Encoding.PEM))
        return tmp_path / name

    return pin


@pytest.fixture
def made(settings):
    def made(*pins, now=lambda: NOW, verify=True):
        chosen = settings.model_copy(update={"pinned_certificates": pins, "verify_answers": verify})
        return build(
            chosen, Dependencies(keys={}, documents={}, code_lists={}, now=now, monotonic=lambda: 0.0)
        )

    return made


@pytest.mark.parametrize(("key", "problem"), [(EC, "neither RSA nor GOST"), (WEAK, "1024 bits")])
def test_a_key_that_checks_nothing_is_no_pin(pin, made, key, problem):
    with pytest.raises(ConfigurationError, match=problem):
        load_pinned(pin(GOOD, key))
    with pytest.raises(ConfigurationError, match=f"^pinned_certificates: the file .*{problem}"):
        made(pin(GOOD, key))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", "is not a certificate"),
        (b"2060", b"20x0", "is not a certificate"),
        (b"2060", b"0000", "validity cannot be read"),
        (
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01",
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x63",
            "neither RSA nor GOST",
        ),
        (b"\x0c\x05Odd_1", "\x14\x05Шлюз!".encode("cp1251"), None),
    ],
    ids=["version", "no date", "the year 0", "an unknown key", "a subject in windows-1251"],
)
def test_an_odd_pin_is_a_pin_or_a_sentence(tmp_path, made, old, new, problem):
    odd = issue("Odd_1", end=datetime(2060, 1, 1, tzinfo=UTC))
    (tmp_path / "odd.cer").write_bytes(altered(odd, old, new))
    if problem is None:
        assert len(made(tmp_path / "odd.cer").certificates()) == 1
        return
    with pytest.raises(ConfigurationError, match=f"^pinned_certificates: the file .*/odd.cer .*{problem}"):
        made(tmp_path / "odd.cer")


def test_a_key_restricted_to_rsa_pss_is_no_pin(tmp_path):
    file = Path(__file__).parents[2] / "signing/keys/cases/key-rsa-pss.p12"
    certificate = load_pkcs12(file.read_bytes(), b"secret").cert.certificate
    (tmp_path / "pss.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    with pytest.raises(ConfigurationError, match="restricted to RSA-PSS"):
        load_pinned(tmp_path / "pss.cer")


def test_a_gost_certificate_is_a_pin(tmp_path):
    (tmp_path / "gost.cer").write_bytes(gost_signer("gost").certificate.public_bytes(Encoding.DER))
    assert len(load_pinned(tmp_path / "gost.cer")) == 1


@pytest.mark.parametrize(("end", "said"), [(GOOD, None), (SOON, "ends on"), (OLD, "expired on")])
def test_an_end_that_is_near_is_reported(pin, made, caplog, end, said):
    with caplog.at_level(logging.WARNING):
        made(pin(GOOD), pin(end, name="other.pem"))
    told = [one.detail for one in caplog.records if hasattr(one, "detail")]
    assert len(told) == (0 if said is None else 1)
    assert all(said in one and "other.pem" in one for one in told)


def test_without_a_valid_one_there_is_no_start(pin, made):
    with pytest.raises(
        ConfigurationError, match=r"^pinned_certificates: none of them is valid now: .*expired on"
    ):
        made(pin(OLD))
    made(pin(OLD), verify=False)


def test_the_pins_are_reported_with_their_ends(pin, made):
    system = made(pin(GOOD), pin(OLD, name="old.pem"))
    assert isinstance(system, TrustsCertificates)
    assert [one.not_after for one in system.certificates()] == [NOW + GOOD, NOW + OLD]
    assert all("serial number abc" in one.label for one in system.certificates())


async def test_nothing_is_sent_when_all_have_ended(pin, made):
    time = [NOW]
    system = made(pin(SOON), now=lambda: time[0])
    time[0] += timedelta(days=6)
    attempt = Attempt(1, "00000000-0000-4000-8000-000000000001", time[0], "identity")
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare(submission("kz-shep.medical-exemption.search.v1"), attempt)
    outcome = stopped.value.outcome
    assert (type(outcome), outcome.reason) == (Blocked, Reason.CONFIGURATION)
    assert "pinned_certificates" in outcome.detail


@pytest.fixture
def release(monkeypatch):
    """Hold every check until this event is set."""
    event = threading.Event()

    def verify(document, pinned, *, now):
        assert event.wait(30)

    monkeypatch.setattr("worker.systems.kz_shep.trust.verify_body", verify)
    yield event
    event.set()


async def test_the_event_loops_own_threads_stay_free(release, gateway):
    """There aiohttp looks up host names, for every system."""
    trust = Trust([gateway.certificate], now=lambda: NOW)
    checks = [asyncio.create_task(trust.check(b"%d" % number)) for number in range(50)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 10) == "free"
    assert not any(check.done() for check in checks)
    release.set()
    await asyncio.gather(*checks)
    trust.close()


async def test_checks_that_wait_are_cancelled_at_the_end(release, gateway):
    trust = Trust([gateway.certificate], now=lambda: NOW)
    first, second = (asyncio.create_task(trust.check(document)) for document in (b"1", b"2"))
    await asyncio.sleep(0)
    trust.close()
    release.set()
    await asyncio.wait([first, second], timeout=10)
    assert (first.done(), second.cancelled()) == (True, True)
