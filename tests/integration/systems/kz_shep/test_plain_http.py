"""Plain http, as closed networks have it: a search reaches a real socket, and its answer comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from lxml import etree

from tests.support.contract_events import submission
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from tests.support.systems.kz_shep.answers import envelope, response
from tests.support.systems.kz_shep.soap import signed_by_xmlsec
from worker.outcome import Accepted
from worker.systems.dependencies import Dependencies
from worker.systems.kz_shep.build import build
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.port import Attempt
from worker.transport.port import SendGuard

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def gateway():
    return issue("SHEP")


@pytest.fixture
async def received(gateway):
    """A gateway that gives everybody the same signed answer; the requests it got, and its port."""
    requests: list[bytes] = []
    body = signed_by_xmlsec(gateway, envelope(response()))

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        requests.append(head + await reader.readexactly(length))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield requests, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_a_search_over_plain_http(tmp_path, gateway, received):
    requests, port = received
    (tmp_path / "shep.pem").write_bytes(gateway.pem())
    settings = KzShepSettings(
        url=f"http://127.0.0.1:{port}/bip-sync-wss-gost/",
        allow_plain_http=True,
        senders={"one": {"sender_id": "mis"}},
        pinned_certificates=[tmp_path / "shep.pem"],
    )
    issued = issue("MIS")
    key = file_key("one", issued, clock=lambda: NOW)
    dependencies = Dependencies(
        keys={"one": key}, documents={}, code_lists={}, now=lambda: NOW, monotonic=lambda: 0.0
    )
    system, event = build(settings, dependencies), submission("kz-shep.medical-exemption.search.v1")
    prepared = await system.prepare(event, Attempt(1, "m", NOW, "i"))
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    await system.close()

    assert isinstance(system.interpret(event, prepared, answer), Accepted)
    (request,) = requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bip-sync-wss-gost/ HTTP/1.1\r\n")
    assert b'soapaction: ""' in head.lower()
    assert b"content-type: text/xml; charset=utf-8" in head.lower()
    assert etree.fromstring(body).findtext(".//iin") == "720315200006"
