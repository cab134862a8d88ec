"""One sandbox and three doctors for each test; the keys are made once."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from sandbox.nhis.server import Sandbox
from sandbox.pki import Pki
from tests.support.systems.nhis.client import Client, open_key


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("nhis-sandbox")
    Pki.create(directory)
    return directory


@pytest.fixture
async def nhis(directory):
    async with Sandbox(directory, seed=7) as sandbox:
        yield sandbox


@asynccontextmanager
async def client_of(sandbox: Sandbox, number: int, **options):
    files = sandbox.signers[number]
    client = Client(sandbox.url, sandbox.ca_file, files.uin, open_key(files), **options)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def ivanova(nhis):
    async with client_of(nhis, 0) as client:
        yield client


@pytest.fixture
async def petrov(nhis):
    async with client_of(nhis, 1) as client:
        yield client


@pytest.fixture
async def georgieva(nhis):
    async with client_of(nhis, 2) as client:
        yield client
