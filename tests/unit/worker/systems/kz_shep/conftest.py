"""Keys and settings for the SHEP tests. The keys are made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from tests.support.systems.kz_shep.reading import NOW as READ_AT
from tests.support.systems.kz_shep.reading import reading
from tests.support.systems.kz_shep.soap import signed_by_xmlsec
from worker.systems.kz_shep.build import request_schemas
from worker.systems.kz_shep.operations import SERVICES
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.kz_shep.trust import Trust

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def gateway():
    """SHEP's own key and certificate."""
    return issue("Шлюз, измышленный")


@pytest.fixture(scope="session")
def signed(gateway):
    """Sign an answer as the gateway does."""
    return lambda text: signed_by_xmlsec(gateway, text)


@pytest.fixture(scope="session")
def key():
    issued = issue("МИС, измышленная")
    return file_key("one", issued, clock=lambda: NOW)


@pytest.fixture(scope="session")
def schemas():
    return request_schemas(SERVICES)


@pytest.fixture
def settings():
    return KzShepSettings(
        url="https://shep.test/bip-sync-wss-gost/",
        senders={"one": {"sender_id": "mis-login-1", "password": "p<w&\"d'1"}},
        pinned_certificates=["pinned.pem"],
    )


@pytest.fixture(scope="session")
def pinned(gateway):
    return Trust([gateway.certificate], now=lambda: READ_AT)


@pytest.fixture
def read(pinned):
    """Read an answer to a search by IIN, or by other data."""
    return reading(pinned)
