"""The eDelivery system against its sandbox: real mutual TLS, the ESB in front, and a real file store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.edelivery.server import Sandbox
from sandbox.esb.credentials import Credentials
from tests.support.files.stores import FILES
from tests.support.postgres.fixtures import connection, journal, open_journal, settings
from tests.support.postgres.journal import RealClock
from tests.support.sandbox.edelivery.client import Client
from tests.support.signing.certificates import Issued
from tests.support.signing.signers import file_key
from worker.files.building import build_file_store
from worker.files.settings import FilesSettings
from worker.journal.settings import JournalSettings
from worker.settings.systems import SystemsSettings
from worker.systems.dependencies import Dependencies
from worker.systems.esb.build import build as build_esb
from worker.systems.esb.settings import EsbSettings
from worker.systems.registry import build_system

__all__ = ["connection", "journal", "open_journal", "settings"]

ACTING = {"hospital": {"citizen": {"represented_person_id": "5523056031"}}}


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("edelivery")
    Credentials.at(directory)
    return directory


@pytest.fixture
async def sandbox(directory):
    async with Sandbox(directory, seed=7) as running:
        yield running


@pytest.fixture
async def hospital(sandbox):
    async with Client(sandbox) as client:
        yield client


@pytest.fixture
async def store(journal_dsn):
    made = build_file_store(FilesSettings(**FILES), JournalSettings(dsn=journal_dsn), RealClock())
    yield made
    await made.close()


@pytest.fixture
async def make(sandbox, store):
    made = []

    def build(**section):
        keys = {name: _key(name, one) for name, one in sandbox.clients.items()}
        transport = {"ca_file": str(sandbox.ca_file), "connect_timeout": 5}
        esb = EsbSettings.model_validate(
            {
                "token_url": sandbox.token_url,
                "gateway_url": sandbox.url,
                "transport": {**transport, **section.pop("esb_transport", {})},
                "acting": ACTING,
            }
        )

        def access(signers):
            return build_esb(
                esb, signers, system="edelivery", keys=keys, unusable={}, now=_now, monotonic=lambda: 0.0,
                requested=lambda _: None,
            )  # fmt: skip

        files = {
            "hosts": [sandbox.url.removeprefix("https://")],
            "transport": transport,
            **section.pop("files", {}),
        }
        section["look_up"] = {"wait_seconds": 1, **section.get("look_up", {})}
        senders = {"senders": ["hospital", "clinic"], "files": files}
        sections = SystemsSettings.model_validate({"edelivery": senders | section})
        given = Dependencies(keys, {}, {}, now=_now, monotonic=lambda: 0.0, files=store, esb=access)
        made.append(build_system("edelivery", sections.of("edelivery"), given))
        return made[-1]

    yield build
    for one in made:
        await one.close()


def _key(name, files):
    certificate = x509.load_pem_x509_certificate(files.certificate_file.read_bytes())
    key = load_pem_private_key(files.key_file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    return file_key(name, Issued(certificate, key), clock=_now)


def _now():
    return datetime.now(UTC)
