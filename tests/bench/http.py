"""What one HTTPS exchange costs the client, against one RSA-2048 signature of the same run.

Run `python -m tests.bench.http [EXCHANGES [CONCURRENCY [ROUNDS]]]`. Herald's client, aiohttp's session and httpx over
aiohttp send the same request of 2 KB in turns, over kept connections, to a TLS server in a process of its own whose
answer is constant; only the client's CPU counts. `connection` is what TLS and the event loop take by themselves: the
same bytes over bare connections, and nothing is parsed. Prints one JSON document with the medians of the rounds.
Compare the ratios.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import aiohttp
import httpx
import uvloop
from httpx_aiohttp import AiohttpTransport

from tests.bench.worker import signature_ms
from tests.support.signing.certificates import Issued, issue, key_usage
from tests.support.transport.tls_peer import server_context
from worker.transport.clients import HttpClients
from worker.transport.port import SendGuard
from worker.transport.settings import TransportSettings
from worker.transport.tls import client_context

Exchange = Callable[[], Awaitable[object]]

PATH = "/v1/eimmunization/api/registerImmunization"
BODY = b"<nhis:message>" + b"x" * 2000 + b"</nhis:message>"
HEADERS = {"Content-Type": "application/xml", "Authorization": "Bearer " + "a" * 800}
ANSWER_BODY = b"<nhis:message>" + b"y" * 700 + b"</nhis:message>"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Tue, 01 Dec 2026 10:00:00 GMT\r\nServer: nginx\r\nContent-Type: application/xml\r\n"
    b"Content-Length: %d\r\nConnection: keep-alive\r\nStrict-Transport-Security: max-age=31536000\r\n\r\n%b"
) % (len(ANSWER_BODY), ANSWER_BODY)


class Answering(asyncio.Protocol):
    """Answers each request that ends as all of them do here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._tail = b""

    def data_received(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-len(BODY) :]
        if self._tail == BODY:
            self._tail = b""
            self._transport.write(ANSWER)


class Asking(asyncio.Protocol):
    """Sends the same bytes again and again, and counts those of the answers."""

    def __init__(self) -> None:
        self._left = 0
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes) -> asyncio.Future[None]:
        self._left = len(ANSWER)
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if not self._left and self._answered is not None:
            self._answered.set_result(None)


def serve(certificate: Issued, port: Connection) -> None:
    async def forever() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Answering, "127.0.0.1", 0, ssl=server_context(certificate))
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(forever())


@contextmanager
def answering(certificate: Issued) -> Iterator[int]:
    """Run the server in its own process, and tell its port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=serve, args=(certificate, there), daemon=True
    )
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


@asynccontextmanager
async def herald(url: str, ca_file: Path, concurrency: int) -> AsyncIterator[Exchange]:
    clients = HttpClients(TransportSettings(ca_file=ca_file, max_connections=concurrency))
    client = clients.plain()

    async def exchange() -> None:
        answer = await client.request(
            "POST", url, headers=HEADERS, content=BODY, guard=SendGuard(lambda: True)
        )
        assert answer.body == ANSWER_BODY

    yield exchange
    await clients.aclose()


def _session(ca_file: Path, concurrency: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=client_context(ca_file), limit=concurrency),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@asynccontextmanager
async def bare_aiohttp(url: str, ca_file: Path, concurrency: int) -> AsyncIterator[Exchange]:
    async with _session(ca_file, concurrency) as session:

        async def exchange() -> None:
            async with session.post(url, headers=HEADERS, data=BODY) as answer:
                assert await answer.read() == ANSWER_BODY

        yield exchange


@asynccontextmanager
async def httpx_over_aiohttp(url: str, ca_file: Path, concurrency: int) -> AsyncIterator[Exchange]:
    transport = AiohttpTransport(client=_session(ca_file, concurrency), verify=client_context(ca_file))
    async with httpx.AsyncClient(transport=transport) as client:

        async def exchange() -> None:
            answer = await client.post(url, headers=HEADERS, content=BODY)
            assert answer.content == ANSWER_BODY

        yield exchange


@asynccontextmanager
async def connection(url: str, ca_file: Path, concurrency: int) -> AsyncIterator[Exchange]:
    loop, context, port = asyncio.get_running_loop(), client_context(ca_file), httpx.URL(url).port
    idle = [
        (await loop.create_connection(Asking, "127.0.0.1", port, ssl=context))[1] for _ in range(concurrency)
    ]
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    request = f"POST {PATH} HTTP/1.1\r\n{fields}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY

    async def exchange() -> None:
        asking = idle.pop()
        await asking.ask(request)
        idle.append(asking)

    yield exchange
    for asking in idle:
        asking._transport.abort()


CLIENTS = {
    "herald": herald,
    "aiohttp": bare_aiohttp,
    "httpx_aiohttp": httpx_over_aiohttp,
    "connection": connection,
}


async def milliseconds(exchange: Exchange, count: int, concurrency: int) -> float:
    """Return the CPU milliseconds of one exchange, user and system, while so many are in flight."""
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            await exchange()

    began = time.process_time()
    await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
    return (time.process_time() - began) / count * 1000


async def measure(url: str, ca_file: Path, count: int, concurrency: int, rounds: int) -> dict[str, object]:
    found: dict[str, list[float]] = {name: [] for name in (*CLIENTS, "signature")}
    for _ in range(rounds):
        for name, client in CLIENTS.items():
            async with client(url, ca_file, concurrency) as exchange:
                await milliseconds(exchange, concurrency * 5, concurrency)
                found[name].append(await milliseconds(exchange, count // rounds, concurrency))
        found["signature"].append(signature_ms())
    medians = {name: statistics.median(values) for name, values in found.items()}
    return {
        "exchanges": count,
        "concurrency": concurrency,
        **{f"{name}_ms": round(value, 3) for name, value in medians.items()},
        "herald_over_signature": round(medians["herald"] / medians["signature"], 2),
        "herald_over_aiohttp": round(medians["herald"] / medians["aiohttp"], 2),
    }


def main() -> None:
    count, concurrency, rounds = [*map(int, sys.argv[1:]), *(5000, 20, 5)[len(sys.argv) - 1 :]]
    authority = issue("Bench CA", authority=True)
    usage = key_usage(digital_signature=True)
    certificate = issue("server", issuer=authority, hosts=("127.0.0.1",), usage=usage)
    with tempfile.TemporaryDirectory() as folder, answering(certificate) as port:
        ca_file = Path(folder) / "ca.pem"
        ca_file.write_bytes(authority.pem())
        url = f"https://127.0.0.1:{port}{PATH}"
        print(json.dumps(uvloop.run(measure(url, ca_file, count, concurrency, rounds))))


if __name__ == "__main__":
    main()
