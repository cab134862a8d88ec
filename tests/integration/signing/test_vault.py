"""A signer with a key in Vault's transit engine over real TLS."""

from __future__ import annotations

import asyncio
import hashlib
import logging

import pytest
from cryptography import x509
from lxml import etree

from sandbox.pki import Pki
from sandbox.vault.server import Sandbox
from tests.support.signing.providers import loaded, vault
from tests.support.signing.xmlsec_verify import verified
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SigningFailed
from worker.signing.xmldsig import sign_enveloped

DIGESTS = [hashlib.sha256(str(number).encode()).digest() for number in range(30)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("vault")
    Pki.create(directory)
    return directory


@pytest.fixture
async def engine(directory):
    async with Sandbox(directory) as sandbox:
        yield sandbox


@pytest.fixture
async def signer(engine):
    made = []

    def make(**changes):
        made.append(loaded(vault(engine, **changes)))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def certificate(engine):
    return x509.load_pem_x509_certificate(engine.pki.signers[0].certificate_file.read_bytes())


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "rsa-pss-sha256"])
async def test_signatures_in_few_requests(engine, signer, algorithm):
    seal, key = signer(algorithm=algorithm), certificate(engine).public_key()
    found = await asyncio.gather(*(seal.sign_digests([one]) for one in DIGESTS))
    for digest, (got,) in zip(DIGESTS, found, strict=True):
        assert SignatureAlgorithm(algorithm).verify(key, digest, got)
    assert len(engine.service.stand_in.ledger()["signings"]) <= 2


async def test_a_document_that_libxmlsec1_verifies(engine, signer):
    document = await sign_enveloped(etree.fromstring("<m/>"), signer())
    assert verified(document, certificate(engine)).tag == "m"


async def test_the_version_before_the_rotation_is_found_out(signer):
    with pytest.raises(SigningFailed, match="does not belong to its certificate") as failed:
        await signer(key_version=1).sign_digests(DIGESTS)
    assert not failed.value.transient


@pytest.mark.parametrize(
    "fault",
    [
        ("status", {"status": 503, "body": "own"}, True),
        ("status", {"status": 429, "body": "own"}, True),
        ("status", {"status": 400, "body": "own"}, False),
        ("expire-tokens", {}, False),
        ("garbage", {}, True),
        ("truncate", {}, True),
        ("wrong-answer", {}, False),
    ],
)
async def test_faults_and_no_error_shows_the_token(engine, signer, caplog, fault):
    caplog.set_level(logging.DEBUG)
    kind, options, transient = fault
    engine.faults.add(kind, **options)
    seal = signer()
    with pytest.raises(SigningFailed) as failed:
        await seal.sign_digests(DIGESTS)
    assert failed.value.transient is transient
    shown = f"{failed.value!r} {failed.value.__context__!r} {seal!r} {caplog.text}"
    assert engine.token_file.read_text() not in shown
