"""A signer with B-Trust's Automatic Remote Signing over real TLS, as far as public sources confirm the service."""

from __future__ import annotations

import asyncio
import hashlib
import logging

import pytest
from cryptography import x509
from lxml import etree

from sandbox.btrust.server import Sandbox
from sandbox.pki import Pki
from tests.support.signing.providers import btrust, client_certificate, loaded
from tests.support.signing.xmlsec_verify import verified
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SigningFailed
from worker.signing.xmldsig import sign_enveloped

DIGESTS = [hashlib.sha256(str(number).encode()).digest() for number in range(30)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("btrust")
    Pki.create(directory)
    return directory


@pytest.fixture
async def service(directory):
    async with Sandbox(directory) as sandbox:
        yield sandbox


@pytest.fixture
async def signer(service):
    made = []

    def make(**changes):
        made.append(loaded(btrust(service, **changes)))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def certificate(service):
    return x509.load_pem_x509_certificate(service.pki.signers[0].certificate_file.read_bytes())


def right(service, signatures):
    key = certificate(service).public_key()
    found = zip(DIGESTS, signatures, strict=True)
    return all(SignatureAlgorithm.RSA_SHA256.verify(key, one, got) for one, (got,) in found)


async def each_signed(signer):
    return await asyncio.gather(*(signer.sign_digests([one]) for one in DIGESTS), return_exceptions=True)


async def test_signatures_in_few_requests(service, signer):
    assert right(service, await each_signed(signer()))
    assert len(service.service.stand_in.ledger()["signings"]) <= 2


async def test_a_registered_client_certificate(service, signer, tmp_path):
    shown = client_certificate(service.pki.signers[1], tmp_path)
    document = await sign_enveloped(etree.fromstring("<m/>"), signer(client_certificate=shown))
    assert verified(document, certificate(service)).tag == "m"


async def test_a_batch_that_is_too_large_and_reordered_signatures(service, signer):
    service.service.stand_in.control("service", {"most": 7})
    service.service.stand_in.control("signatures", {"order": "sorted"})
    assert right(service, await each_signed(signer()))


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        ("CONSENT_REVOKE", False),
        ("CHANGED_PIN", False),
        ("API_RATE_LIMIT_EXCEEDED", True),
        ("REQUEST_TIMEOUT", True),
    ],
)
async def test_codes(service, signer, code, transient):
    service.service.stand_in.control("service", {"code": code})
    with pytest.raises(SigningFailed, match=code) as failed:
        await signer().sign_digests(DIGESTS)
    assert failed.value.transient is transient


@pytest.mark.parametrize(
    "fault",
    [
        ("status", {"status": 503}, True),
        ("status", {"status": 403}, False),
        ("garbage", {}, True),
        ("truncate", {}, True),
        ("wrong-answer", {}, False),
    ],
)
async def test_faults_and_no_error_shows_the_token(service, signer, caplog, fault):
    caplog.set_level(logging.DEBUG)
    kind, options, transient = fault
    service.faults.add(kind, **options)
    doctor = signer()
    with pytest.raises(SigningFailed) as failed:
        await doctor.sign_digests(DIGESTS)
    assert failed.value.transient is transient
    token = service.token_files["dr-ivanova"].read_text()
    assert token not in f"{failed.value!r} {failed.value.__context__!r} {doctor!r} {caplog.text}"
