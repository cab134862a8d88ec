"""One sandbox for each test, and clients with their own certificates; certificates are made once."""

from __future__ import annotations

import pytest

from sandbox.edelivery.server import Sandbox
from sandbox.esb.credentials import Credentials
from tests.support.sandbox.edelivery.client import Client


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("edelivery-sandbox")
    Credentials.at(directory)
    return directory


@pytest.fixture
async def sandbox(directory):
    async with Sandbox(directory, seed=7) as sandbox:
        yield sandbox


@pytest.fixture
async def hospital(sandbox):
    async with Client(sandbox) as client:
        yield client
