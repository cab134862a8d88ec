"""A doctor's certificate is renewed under load: by a Secret whose link is swapped, as in Kubernetes.

Every submission is accepted once. What begins after the renewal is signed by the new certificate, with a token of its
own, which NHIS gives for a signed challenge or in TLS with that certificate, and refuses with any other; a broken file
afterwards changes nothing but the warnings.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree

from tests.support.worker.evidence import Request
from tests.support.worker.hospital import Patient, register
from tests.support.worker.installation import Installation, eventually, serving
from tests.support.worker.ledger import registered_in_order
from tests.support.worker.probes import probe

ROUNDS = 6


class Secret:
    """A mounted Secret with one signer's key and password; `put` swaps all its files in one step."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir()
        self._versions = 0

    def put(self, key: bytes, password: bytes) -> None:
        self._versions += 1
        version = self.directory / f"..{self._versions}"
        version.mkdir()
        (version / "key.p12").write_bytes(key)
        (version / "password").write_bytes(password)
        link = self.directory / "..data_tmp"
        link.symlink_to(version.name)
        link.replace(self.directory / "..data")
        for name in ("key.p12", "password"):
            if not (self.directory / name).is_symlink():
                (self.directory / name).symlink_to(Path("..data") / name)

    def settings(self) -> dict[str, str]:
        return {"file": str(self.directory / "key.p12"), "password_file": str(self.directory / "password")}


def _files(signer: dict[str, str]) -> tuple[bytes, bytes, bytes]:
    """Return the PKCS#12 file, its password and the certificate (PEM)."""
    key = Path(signer["pkcs12_file"])
    return key.read_bytes(), Path(signer["password_file"]).read_bytes(), key.with_suffix(".pem").read_bytes()


def _patients(installation: Installation, signer: str, count: int) -> list[Patient]:
    found: list[Patient] = []
    while len(found) < count:
        one = installation.patient()
        if one.doctor.signer == signer:
            found.append(one)
    return found


@pytest.fixture
def renewed(installation):
    """The first doctor, and the second one's key, which NHIS knows as the first one's renewed one."""
    first, second = installation.nhis.signers[:2]
    _, _, certificate = _files(second)
    installation.nhis.know_signer(first["name"], first["uin"], certificate)
    yield first, second
    installation.nhis.know_signer(second["name"], second["uin"], certificate)


@pytest.mark.parametrize("auth", ["challenge", "mtls"])
async def test_a_certificate_that_is_renewed_under_load(installation, renewed, tmp_path, auth):
    first, second = renewed
    old_key, old_password, old_pem = _files(first)
    new_key, new_password, new_pem = _files(second)
    old, new = (x509.load_pem_x509_certificate(one) for one in (old_pem, new_pem))
    secret = Secret(tmp_path / "secret")
    secret.put(old_key, old_password)
    name = first["name"]
    config = installation.config(
        {
            "signers": {name: secret.settings()},
            "signing": {"reload_seconds": 0.1},
            "systems": {"nhis": {"auth": auth}},
        }
    )
    patients = _patients(installation, name, 5)
    before, during, after, broken = (
        [register(f"{when}-{n}-{one.number}", one) for n in range(rounds) for one in patients]
        for when, rounds in (("before", 1), ("during", ROUNDS), ("after", 1), ("broken", 1))
    )
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*before)
        await answers.answered(one.id for one in before)
        await installation.publish(*during)
        await answers.until(lambda seen: len(seen.replies) > len(before))
        secret.put(new_key, new_password)
        await eventually(
            lambda: asyncio.sleep(0, worker._signers.keys[name].known.certificate), lambda one: one == new
        )
        await answers.answered(one.id for one in during)
        await installation.publish(*after)
        await answers.answered(one.id for one in after)
        assert not (await probe(worker.health.address, "/readyz")).kinds

        secret.put(b"half a file", new_password)
        said = await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda one: "not-reloaded" in one.kinds
        )
        assert said.status == 200
        assert "what was loaded before stays in use" in said.warned("not-reloaded", name)
        await installation.publish(*broken)
        await answers.answered(one.id for one in broken)
    everything = [*before, *during, *after, *broken]
    assert {answers.only(one.id).kind for one in everything} == {"accepted"}
    assert answers.dead_letters == []
    await registered_in_order(installation, patients, everything)
    await _signed(installation, before, {old})
    await _signed(installation, during, {old, new})
    await _signed(installation, [*after, *broken], {new})


async def _signed(installation, events, expected):
    """Check that exactly these certificates signed what was sent for these events, each message by one of them."""
    found = set()
    for detail in await installation.details(one.id for one in events):
        for attempt in detail.attempts:
            if attempt.request is None:
                continue
            told = _told(attempt.request)
            Request(attempt, told)
            found.add(told)
    assert found == expected


def _told(request: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(
        b64decode(etree.fromstring(request).findtext(".//{*}X509Certificate"))
    )
