"""One sandbox for each test, and a client of its own TLS for each consumer; certificates are made once."""

from __future__ import annotations

import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest

from sandbox.regix.credentials import Credentials
from sandbox.regix.server import Sandbox
from tests.support.systems.regix.envelopes import ACTION, execute, question, soap11, soap12


@dataclass(frozen=True)
class Came:
    status: int
    content_type: str
    content: bytes


class Client:
    """Posts envelopes as one consumer, and uses the control."""

    def __init__(self, sandbox, session):
        self._sandbox = sandbox
        self._session = session

    async def post(self, content, action="Execute", url=None, content_type="text/xml", **options):
        headers = {"Content-Type": f"{content_type}; charset=utf-8", "SOAPAction": f'"{ACTION}{action}"'}
        async with self._session.post(
            url or self._sandbox.basic_url, data=content, headers=headers, **options
        ) as answer:
            return Came(answer.status, answer.content_type, await answer.read())

    async def execute(self, *what, **how):
        return await self.post(soap11(execute(*what, **how)))

    async def execute_12(self, *what, **how):
        content = soap12(execute(*what, **how))
        return await self.post(content, url=self._sandbox.soap12_url, content_type="application/soap+xml")

    async def ask(self, operation, call_id, code):
        return await self.post(soap11(question(operation, call_id, code)), operation)

    async def control(self, method, name, body=None):
        async with self._session.request(method, f"{self._sandbox.url}/_sandbox/{name}", json=body) as answer:
            return await answer.json()


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("regix-sandbox")
    Credentials.at(directory)
    return directory


@pytest.fixture
async def regix(directory):
    async with Sandbox(directory, seed=7, async_seconds=600.0) as sandbox:
        yield sandbox


def tls_of(sandbox, name):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    if name is not None:
        files = sandbox.consumers[name]
        context.load_cert_chain(files.certificate_file, files.key_file)
    return context


@pytest.fixture
async def client_of(regix):
    async with AsyncExitStack() as stack:

        async def client_of(name, sandbox=regix):
            connector = aiohttp.TCPConnector(ssl=tls_of(sandbox, name))
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            return Client(sandbox, session)

        yield client_of


@pytest.fixture
async def hospital(client_of):
    return await client_of("hospital")
