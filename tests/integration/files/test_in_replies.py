"""A certificate of 3 MB goes out by reference: from NHIS through Kafka to a HIS that fetches it over TLS.

The worker is killed around the saving. NHIS's numbers and people are the sandbox's, all invented.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import subprocess
import sys

import httpx
import pytest

from tests.support.files.dying_worker import PLACES
from tests.support.files.large_nhis import SIZE, large_pdf
from tests.support.files.served import HIS, _authority, _server, write_client
from tests.support.kafka.cluster import free_ports
from tests.support.worker.hospital import CERTIFICATE, about, register
from tests.support.worker.installation import Installation, clean_environment, serving
from tests.support.worker.nhis import Nhis
from tests.support.worker.sandbox import running

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def large_nhis(tmp_path_factory):
    directory = tmp_path_factory.mktemp("large-nhis")
    with running("nhis", directory, kind=Nhis, main="tests.support.files.large_nhis") as nhis:
        yield nhis


@pytest.fixture
def installation(kafka, journal_dsn, large_nhis, tmp_path):
    large_nhis.reset()
    return Installation.build(kafka.bootstrap, journal_dsn, large_nhis, tmp_path)


def with_files(directory, source="*"):
    """Return the changes of the settings: a file store, and a receiver in the worker with nothing but files."""
    (port,) = free_ports(1)
    (directory / "server.pem").write_bytes(_server().certificate_pem())
    (directory / "server.key").write_bytes(_server().key_pem())
    (directory / "ca.pem").write_bytes(_authority().pem())
    (directory / "addresses").write_text(f"{'k' * 40}\n")
    client = {"fingerprints": [write_client(directory, HIS)], "sources": [source]}
    return {
        "files": {
            "signed_urls": {
                "key_file": str(directory / "addresses"),
                "base_url": f"https://127.0.0.1:{port}",
            }
        },
        "receiver": {
            "in_worker": True,
            "host": "127.0.0.1",
            "port": port,
            "tls": {
                "cert_file": str(directory / "server.pem"),
                "key_file": str(directory / "server.key"),
                "client_ca_file": str(directory / "ca.pem"),
            },
            "files": {"clients": {HIS: client}},
        },
    }


async def asked_for(installation, answers, name):
    """Register a dose and ask for its certificate; return its expected bytes' number once it is published."""
    patient = installation.patient()
    await installation.publish(register(f"dose for {name}", patient))
    await answers.answered([f"dose for {name}"])
    nrn = answers.only(f"dose for {name}").json["data"]["nrn"]
    await installation.publish(about(name, CERTIFICATE, patient, nrn))


async def fetched(directory, url, *, certificate):
    context = ssl.create_default_context(cafile=directory / "ca.pem")
    if certificate:
        context.load_cert_chain(directory / f"{HIS}.pem")
    async with httpx.AsyncClient(verify=context, trust_env=False, timeout=30) as client:
        answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


def checked(reply):
    """Return the reference of the certificate, once the reply says what it must."""
    data, files = reply["data"], {one["path"]: one["file"] for one in reply["files"]}
    assert (data["content"], data["bytes"]) == (None, SIZE)
    assert sorted(files) == ["answer.body", "data.content"]
    certificate = files["data.content"]
    assert (certificate["mediaType"], certificate["size"]) == ("application/pdf", SIZE)
    assert certificate["sha256"] == data["sha256"]
    assert reply["answer"]["body"] is None
    return certificate


async def test_a_certificate_of_3_mb_is_fetched_by_certificate_and_by_signed_address(installation, tmp_path):
    changes = with_files(tmp_path)
    async with installation.reading() as answers, serving(installation.config(changes)):
        await asked_for(installation, answers, "certificate")
        await answers.answered(["certificate"])
        answer = answers.only("certificate")
        certificate = checked(answer.json)
        base = changes["files"]["signed_urls"]["base_url"]
        own = await fetched(tmp_path, f"{base}/files/{certificate['id']}", certificate=True)
        signed = await fetched(tmp_path, certificate["url"], certificate=False)
        assert own == signed == large_pdf(answer.json["data"]["certificateNumber"])
        assert hashlib.sha256(own).hexdigest() == certificate["sha256"]


async def test_without_a_store_it_is_left_out_as_before(installation):
    async with installation.reading() as answers, serving(installation.config()):
        await asked_for(installation, answers, "certificate")
        await answers.answered(["certificate"])
        reply = answers.only("certificate").json
    assert (reply["data"]["content"], reply["data"]["bytes"]) == (None, SIZE)
    assert reply["answer"]["evidenceId"]
    assert "files" not in reply


def started(config, log, **variables):
    """Start a worker that dies where the variables say."""
    command = [sys.executable, "-m", "tests.support.files.dying_worker", "worker", "--config", str(config)]
    with log.open("wb") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, env=clean_environment(**variables))


@pytest.mark.parametrize("place", PLACES)
async def test_a_worker_that_is_killed_around_the_saving_leaves_one_whole_reply(
    installation, tmp_path, place
):
    changes = {**with_files(tmp_path), "journal": {"lease_seconds": 2}, "intake": {"session_timeout": 2}}
    flag = tmp_path / "flag"
    config = installation.config(changes)
    async with installation.reading() as answers:
        dying = started(config, tmp_path / "dying.log", CRASH_AT=place, CRASH_FLAG=str(flag))
        try:
            patient = installation.patient()
            await installation.publish(register("dose", patient))
            await answers.answered(["dose"])
            flag.touch()
            nrn = answers.only("dose").json["data"]["nrn"]
            await installation.publish(about("certificate", CERTIFICATE, patient, nrn))
            await asyncio.to_thread(dying.wait, 60)
        finally:
            dying.kill()
            dying.wait(10)
        assert not flag.exists(), (tmp_path / "dying.log").read_text()[-2000:]
        async with serving(config):
            await answers.answered(["certificate"])
            certificate = checked(answers.only("certificate").json)
            content = await fetched(tmp_path, certificate["url"], certificate=False)
    assert hashlib.sha256(content).hexdigest() == certificate["sha256"]
