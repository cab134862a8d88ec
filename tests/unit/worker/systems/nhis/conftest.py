"""Keys and settings for the NHIS tests. The keys are made on the spot."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from contracts.registry import EVENT_TYPES
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from worker.systems.nhis.settings import NhisSettings

NOON = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def key():
    issued = issue("Д-р Измислена, PNOBG-7223154154")
    return file_key("one", issued, clock=lambda: NOON)


@pytest.fixture
def settings():
    return NhisSettings(
        api_url="https://nhis.test",
        auth_url="https://auth.nhis.test/token",
        sender_is_name="Herald test",
        senders={"one": {"uin": "0000000001"}},
    )


@pytest.fixture
def example():
    """The data of the contract's example registration, to be changed at will."""
    return copy.deepcopy(EVENT_TYPES["nhis.immunization.register.v1"].example)
