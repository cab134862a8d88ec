"""Two hundred signers with keys in files: ready within seconds, each with its own TLS identity. All are invented."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from tests.support.signing.certificates import issue, rsa_key
from worker.signing.registry import load_signers
from worker.signing.settings import Pkcs12Signer
from worker.systems.dependencies import Dependencies
from worker.systems.nhis.build import build
from worker.systems.nhis.settings import NhisSettings

MANY = 200
KEYS = 5
"""How many keys they share, because to make keys takes longer than all else."""
SECONDS = 20.0
"""Of CPU, because the time on the wall is that of whatever else the machine does. OpenSSL's check of each RSA key alone
takes 5 of the 7 s that were measured."""
# As OpenSSL makes files.
ENCRYPTION = (
    PrivateFormat.PKCS12.encryption_builder()
    .kdf_rounds(2048)
    .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
    .hmac_hash(SHA256())
    .build(b"word")
)


@pytest.fixture(scope="module")
def people():
    return {f"dr-{n}": issue(f"Doctor {n}", key=rsa_key(f"shared {n % KEYS}")) for n in range(MANY)}


@pytest.fixture(scope="module")
def files(people, tmp_path_factory):
    directory = tmp_path_factory.mktemp("signers")
    for name, one in people.items():
        content = pkcs12.serialize_key_and_certificates(b"x", one.key, one.certificate, None, ENCRYPTION)
        (directory / f"{name}.p12").write_bytes(content)
    (directory / "ca.pem").write_bytes(issue("CA", authority=True).pem())
    return directory


async def test_two_hundred_are_ready_within_seconds_each_with_its_own_identity(people, files):
    settings = {name: Pkcs12Signer(file=files / f"{name}.p12", password="word") for name in people}
    nhis = NhisSettings(
        auth="mtls",
        senders={name: {"uin": f"{number:010}"} for number, name in enumerate(people)},
        transport={"ca_file": files / "ca.pem"},
    )
    begun = time.process_time()
    signers = load_signers(settings, clock=lambda: datetime.now(UTC))
    dependencies = Dependencies(signers.keys, {}, {}, now=lambda: datetime.now(UTC), monotonic=time.monotonic)
    system = build(nhis, dependencies)
    took = time.process_time() - begun
    assert took < SECONDS
    assert {name: one.known.certificate for name, one in signers.keys.items()} == {
        name: one.certificate for name, one in people.items()
    }
    assert system.unusable_signers() == {}
    assert len({id(system._clients.authorisation(name)) for name in people}) == MANY
    await system.close()
