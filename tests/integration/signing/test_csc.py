"""A signer at a CSC provider over real TLS: each way to ask, and each way in which the provider misbehaves."""

from __future__ import annotations

import asyncio
import hashlib
import logging

import pytest
from cryptography import x509
from lxml import etree

from sandbox.csc.server import Sandbox
from sandbox.pki import Pki
from tests.support.signing.providers import client_certificate, csc, loaded
from tests.support.signing.xmlsec_verify import verified
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.xmldsig import sign_enveloped

NAME = "dr-ivanova"
SIGN, AUTHORIZE = {"operation": "signatures/signHash"}, {"operation": "credentials/authorize"}


def digests(count):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("csc")
    Pki.create(directory)
    return directory


@pytest.fixture
async def provider(directory):
    async with Sandbox(directory) as sandbox:
        yield sandbox


@pytest.fixture
async def signer(provider):
    """Make signers, and close them at the end."""
    made = []

    def make(refused=None, **changes):
        made.append(loaded(csc(provider, **changes), refused))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def certificate(provider):
    (files,) = (one for one in provider.pki.signers if one.name == NAME)
    return x509.load_pem_x509_certificate(files.certificate_file.read_bytes())


def right(provider, wanted, signatures, algorithm=SignatureAlgorithm.RSA_SHA256):
    key = certificate(provider).public_key()
    return all(algorithm.verify(key, one, got) for one, got in zip(wanted, signatures, strict=True))


def stand_in(provider):
    return provider.service.stand_in


async def each_signed(signer, wanted):
    """Sign each digest by itself, all at the same time; return signatures and failures."""
    found = await asyncio.gather(*(signer.sign_digests([one]) for one in wanted), return_exceptions=True)
    return [one if isinstance(one, BaseException) else one[0] for one in found]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"api": "v1.0.4"},
        {"service_auth": "basic"},
        {"asynchronous": True, "poll_interval": 0.05},
        {"algorithm": "rsa-pss-sha256"},
    ],
    ids=lambda changes: "-".join(changes) or "default",
)
async def test_each_way_to_ask(provider, signer, changes):
    wanted = digests(3)
    algorithm = SignatureAlgorithm(changes.get("algorithm", "rsa-sha256"))
    assert right(provider, wanted, await signer(**changes).sign_digests(wanted), algorithm)


async def test_mutual_tls_without_any_token(provider, signer, tmp_path):
    shown = client_certificate(provider.pki.signers[1], tmp_path)
    changes = {
        "service_auth": "tls",
        "client_certificate": shown,
        "client_id": None,
        "client_secret_file": None,
    }
    wanted = digests(1)
    assert right(provider, wanted, await signer(**changes).sign_digests(wanted))
    assert stand_in(provider).ledger()["tokens"] == 0


async def test_a_document_that_libxmlsec1_verifies(provider, signer):
    message = etree.fromstring("<m xmlns='urn:test'><a>инжекция</a></m>")
    document = await sign_enveloped(message, signer())
    assert verified(document, certificate(provider)).findtext("{urn:test}a") == "инжекция"


async def test_a_hundred_at_once_take_a_few_calls(provider, signer):
    wanted = digests(100)
    assert right(provider, wanted, await each_signed(signer(), wanted))
    ledger = stand_in(provider).ledger()
    assert sum(one["count"] for one in ledger["signings"]) == 100
    assert len(ledger["signings"]) <= 3
    assert len(ledger["authorisations"]) <= 3


@pytest.mark.parametrize("order", ["reversed", "sorted"])
async def test_reordered_signatures(provider, signer, order):
    stand_in(provider).control("signatures", {"order": order})
    wanted = digests(20)
    assert right(provider, wanted, await each_signed(signer(), wanted))


async def test_half_a_batch(provider, signer):
    stand_in(provider).control("signatures", {"half": True})
    found = await each_signed(signer(batch={"linger": 0.05}), digests(20))
    failed = [one for one in found if isinstance(one, SigningFailed)]
    assert len(failed) == 10
    assert all(one.transient for one in failed)


@pytest.mark.parametrize("faults", [{"other_key": True}, {"other_algorithm": True}])
async def test_signatures_that_do_not_verify_are_never_used(provider, signer, faults):
    stand_in(provider).control("signatures", faults)
    for one in await each_signed(signer(), digests(3)):
        assert isinstance(one, SigningFailed)
        assert not one.transient
        assert "does not belong to its certificate" in str(one)


async def test_the_signature_of_another_key_on_request(provider, signer):
    doctor, wanted = signer(), digests(1)
    provider.faults.add("wrong-answer", match=SIGN, times=1)
    with pytest.raises(SigningFailed, match="does not belong"):
        await doctor.sign_digests(wanted)
    assert right(provider, wanted, await doctor.sign_digests(wanted))


async def test_an_authorisation_that_expires_between_two_batches(provider, signer):
    doctor, wanted = signer(), digests(5)
    await doctor.sign_digests(wanted)
    stand_in(provider).control("expire-sads", {})
    assert right(provider, wanted, await each_signed(doctor, wanted))
    assert len(stand_in(provider).ledger()["authorisations"]) == 2


@pytest.mark.parametrize("variants", [{"scal": "2"}, {"later_signatures": 2}, {"later_authorisation": 2}])
async def test_each_kind_of_provider(provider, signer, variants):
    stand_in(provider).control("variants", variants)
    wanted = digests(5)
    found = await each_signed(signer(poll_interval=0.05), wanted)
    assert right(provider, wanted, found)


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "1"}), (503, {})])
async def test_a_busy_provider(provider, signer, status, headers):
    doctor, wanted = signer(), digests(2)
    provider.faults.add("status", status=status, headers=headers, match=SIGN, times=1)
    with pytest.raises(SigningFailed, match=f"HTTP status {status}") as failed:
        await doctor.sign_digests(wanted)
    assert failed.value.transient
    assert right(provider, wanted, await doctor.sign_digests(wanted))


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "garbage", "truncate"])
async def test_a_broken_answer(provider, signer, kind):
    doctor, wanted = signer(), digests(2)
    provider.faults.add(kind, match=SIGN, times=2)
    with pytest.raises(SigningFailed) as failed:
        await doctor.sign_digests(wanted)
    assert failed.value.transient
    provider.faults.clear()
    assert right(provider, wanted, await doctor.sign_digests(wanted))


async def test_a_silent_provider(provider, signer):
    provider.faults.add("hang-before", match=SIGN, times=1)
    with pytest.raises(SigningFailed, match="no complete answer arrived in time") as failed:
        await signer(timeout=0.5).sign_digests(digests(1))
    assert failed.value.transient


async def test_an_outage_and_its_end(provider, signer):
    doctor, wanted = signer(), digests(1)
    await doctor.sign_digests(wanted)
    provider.start_outage(0.5)
    await asyncio.sleep(0.1)
    with pytest.raises(SigningFailed) as failed:
        await doctor.sign_digests(wanted)
    assert failed.value.transient
    await asyncio.sleep(0.6)
    assert right(provider, wanted, await doctor.sign_digests(wanted))


async def test_access_tokens_that_end(provider, signer):
    doctor, wanted = signer(), digests(1)
    await doctor.sign_digests(wanted)
    provider.faults.add("expire-tokens", match=SIGN)
    assert right(provider, wanted, await doctor.sign_digests(wanted))
    assert stand_in(provider).ledger()["tokens"] == 2


@pytest.mark.parametrize("variants", [{}, {"hidden_causes": True}])
async def test_a_wrong_pin_is_tried_once_by_all_workers_together(provider, signer, tmp_path, variants):
    stand_in(provider).control("variants", variants)
    (tmp_path / "pin").write_text("00000000")
    memory, wrong = SecretsRefusedHere(), {"pin_file": str(tmp_path / "pin")}
    first = await each_signed(signer(memory, **wrong), digests(20))
    second = await each_signed(signer(memory, **wrong), digests(20))
    assert all(isinstance(one, SecretRefused) for one in first + second)
    assert stand_in(provider).ledger()["pins"] == {"right": {}, "wrong": {NAME: 1}}
    wanted = digests(1)
    assert right(provider, wanted, await signer(memory).sign_digests(wanted))


async def test_a_locked_credential(provider, signer):
    stand_in(provider).control("variants", {"locked": True})
    found = await each_signed(signer(), digests(5))
    assert all(isinstance(one, SecretRefused) for one in found)
    asked = [one for one in provider.request_log if one.operation == "credentials/authorize"]
    assert len(asked) == 1


@pytest.mark.parametrize("second_factor", ["OTP", "PasswordOOB", "ChallengeResponse"])
async def test_a_credential_that_needs_a_person(provider, signer, second_factor):
    stand_in(provider).control("variants", {"scal": "2", "second_factor": second_factor})
    with pytest.raises(SigningFailed, match="Herald signs without one") as failed:
        await signer().identity()
    assert not failed.value.transient
    assert stand_in(provider).ledger()["authorisations"] == []


async def test_a_provider_whose_certificate_is_not_trusted(provider, signer, tmp_path):
    Pki.create(tmp_path / "other", ())
    with pytest.raises(SigningFailed, match="no TLS session with mutual trust") as failed:
        await signer(ca_file=str(tmp_path / "other" / "ca.pem")).identity()
    assert failed.value.transient


FAULTS = [
    ("status", SIGN, {"status": 500, "body": "own"}),
    ("status", AUTHORIZE, {"status": 400, "body": "own"}),
    ("status", {"operation": "oauth2/token"}, {"status": 401, "body": "own"}),
    ("garbage", SIGN, {}),
    ("drop-after", AUTHORIZE, {}),
    ("wrong-answer", SIGN, {}),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}-{fault[1]['operation']}")
async def test_no_error_shows_a_secret(provider, signer, caplog, fault):
    caplog.set_level(logging.DEBUG)
    kind, match, options = fault
    provider.faults.add(kind, match=match, **options)
    doctor = signer()
    with pytest.raises(SigningFailed) as failed:
        await doctor.sign_digests(digests(1))
    secrets = [provider.client_secret_file.read_text(), provider.pin_files[NAME].read_text()]
    known = stand_in(provider)
    secrets += [*known._access._tokens, *known.provider.authorisations._sads]
    shown = (
        f"{failed.value!r} {failed.value.__context__!r} {failed.value.__cause__!r} {doctor!r} {caplog.text}"
    )
    assert len(secrets) >= 2
    assert [one for one in secrets if one in shown] == []
