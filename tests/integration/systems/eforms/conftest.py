"""eForms and eDelivery against the sandbox of eDelivery: real mutual TLS, the ESB in front, and a real file store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from sandbox.edelivery.server import Sandbox
from sandbox.esb.credentials import Credentials
from tests.support.files.stores import FILES
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
from worker.systems.registry import build_system, recogniser_of

RESPONSE = {
    "recipient_profile_id": 201,
    "template_id": 1,
    "xml_field": FILES_FIELD,
    "texts": {TEXT_FIELD: "Измислен отговор"},
}


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("eforms")
    Credentials.at(directory)
    return directory


@pytest.fixture
async def sandbox(directory):
    async with Sandbox(directory, seed=7) as running:
        yield running


@pytest.fixture
async def platform(sandbox):
    async with Client(sandbox) as client:
        yield client


@pytest.fixture
async def store(journal_dsn):
    made = build_file_store(FilesSettings(**FILES), JournalSettings(dsn=journal_dsn), RealClock())
    yield made
    await made.close()


@pytest.fixture
async def systems(sandbox, store):
    """Return both systems by name, as one installation has them."""
    keys = {name: _key(name, one) for name, one in sandbox.clients.items()}
    transport = {"ca_file": str(sandbox.ca_file), "connect_timeout": 5}
    esb = EsbSettings.model_validate(
        {"token_url": sandbox.token_url, "gateway_url": sandbox.url, "transport": transport}
    )
    common = {
        "senders": ["hospital"],
        "files": {"hosts": [sandbox.url.removeprefix("https://")], "transport": transport},
        "look_up": {"sent_rnu": "kept", "wait_seconds": 1},
    }
    sections = SystemsSettings.model_validate(
        {"edelivery": common, "eforms": {**common, "response": RESPONSE}}
    )

    def access(name):
        return lambda signers: build_esb(
            esb, signers, system=name, keys=keys, unusable={}, now=_now, monotonic=lambda: 0.0,
            requested=lambda _: None,
        )  # fmt: skip

    opened = recogniser_of(sections.all_sections(), 900 * 1024)
    made = {
        name: build_system(
            name,
            sections.of(name),
            Dependencies(
                keys, {}, {}, now=_now, monotonic=lambda: 0.0, files=store, opened=opened, esb=access(name)
            ),
        )
        for name in ("edelivery", "eforms")
    }
    yield made
    for one in made.values():
        await one.close()


def _key(name, files):
    certificate = x509.load_pem_x509_certificate(files.certificate_file.read_bytes())
    key = load_pem_private_key(files.key_file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    return file_key(name, Issued(certificate, key), clock=_now)


def _now():
    return datetime.now(UTC)
