"""The HTTP client: httpx's API over aiohttp's connections, one TLS identity each.

aiohttp does the work because it costs a fraction of httpx's own transport; httpx stays in front because its
request and response types are what the rest of the Python world reads.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

import aiohttp
import httpx
import yarl
from httpx_aiohttp import AiohttpTransport

from worker.transport.body import ACCEPTED_ENCODINGS, read_bounded
from worker.transport.connections import AskedConnector
from worker.transport.failures import BrokenAnswer, Stage, delivery_error
from worker.transport.handshake import handshake
from worker.transport.one_exchange import Exchange
from worker.transport.port import Answer, SendRefused
from worker.transport.streaming import Outgoing, save

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping
    from types import SimpleNamespace

    from worker.transport.port import Handshake, SendGuard, Sink, Streamed
    from worker.transport.settings import TransportSettings

MOST_HEADER_BYTES = 64 * 1024
"""Of an answer, all together; aiohttp's own default (8190 bytes for one) is less than policies and tickets need."""
MOST_HEADERS = 256


class _Connections:
    """The connections of one kind. httpx's client makes requests and its transport sends them.

    Between the two the client would read cookies and redirects, and fails over an address in `Location` that it
    cannot read; the answer is needed as it is.
    """

    def __init__(self, requests: httpx.AsyncClient, transport: AiohttpTransport) -> None:
        self.requests = requests
        self.transport = transport
        self._running = 0
        self._replaced = False

    @property
    def in_use(self) -> bool:
        """Whether a request uses them."""
        return self._running > 0

    @asynccontextmanager
    async def used(self) -> AsyncIterator[None]:
        """Keep the connections open, even where others take their place meanwhile."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if self._replaced and not self._running:
                await self.transport.aclose()

    async def replaced(self) -> None:
        """Close them as soon as no request uses them."""
        self._replaced = True
        if not self._running:
            await self.transport.aclose()


_exchange: ContextVar[Exchange] = ContextVar("herald_exchange")


class AiohttpBackedClient:
    """The transport port's HttpClient. Sends once, follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(
        self, settings: TransportSettings, context: ssl.SSLContext, *, plain_http: bool = False
    ) -> None:
        """Make a client that takes https addresses alone, or with `plain_http` also http."""
        _keep_addresses_out_of_logs()
        self._settings = settings
        self._context = context
        self._schemes = ("https", "http") if plain_http else ("https",)
        self._kept = _connections(settings, context, reuse=True)
        self._fresh = _connections(settings, context, reuse=False)
        self._earlier: list[_Connections] = []
        self._closing: set[asyncio.Task[None]] = set()

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another certificate or other trusted authorities for new requests; those under way end as they began."""
        self._context = context
        earlier = (self._kept, self._fresh)
        self._kept = _connections(self._settings, context, reuse=True)
        self._fresh = _connections(self._settings, context, reuse=False)
        self._earlier = [one for one in self._earlier if one.in_use] + list(earlier)
        for one in earlier:
            task = asyncio.create_task(one.replaced(), name="closing earlier connections")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | Streamed = b"",
        reuse: bool = True,
        guard: SendGuard | None = None,
        sink: Sink | None = None,
    ) -> Answer:
        """Send once and return the answer. Raises DeliveryError, SendRefused, and ValueError for other schemes.

        `sent` is False only if no byte can have left: aiohttp announces the request's headers before it hands
        them to the connection, and until then nothing but the TLS handshake was written. Whatever the libraries
        raise becomes a DeliveryError: they raise more kinds than they document (a reason phrase that is not
        ASCII has been a UnicodeEncodeError).
        """
        target = _address(url)
        if target.scheme not in self._schemes:
            raise ValueError(f"only {' and '.join(self._schemes)} addresses are allowed")
        kind = self._kept if reuse else self._fresh
        exchange = Exchange(target, self._settings, guard)
        body: bytes | Outgoing
        if isinstance(content, bytes):
            body = content
        else:
            body = Outgoing(content, exchange.sends)
            headers = {**_without_length(headers), "content-length": str(content.size)}
        token = _exchange.set(exchange)
        try:
            async with kind.used(), exchange.deadline:
                request = kind.requests.build_request(method, target, headers=headers, content=body)
                return await self._send(kind, request, sink)
        except Exception as error:  # noqa: BLE001  # every kind, and of what they say only what is ours
            if exchange.refused:
                raise SendRefused from None
            failed = body.failure or error if isinstance(body, Outgoing) else error
            # Without the cause: its text quotes the whole address.
            raise delivery_error(failed, exchange.stage, _host(target)) from None
        finally:
            _exchange.reset(token)
            if isinstance(body, Outgoing):
                await body.aclose()

    async def _send(self, kind: _Connections, request: httpx.Request, sink: Sink | None) -> Answer:
        response = await kind.transport.handle_async_request(request)
        exchange = _exchange.get()
        exchange.stage = Stage.ANSWERING
        # The transport's own stream: `aiter_raw` closes within, and would let a failed close spoil a complete answer.
        stream = cast("httpx.AsyncByteStream", response.stream)
        raw = cast("AsyncGenerator[bytes]", aiter(stream))
        try:
            _check_headers(response.headers)
            encoding = response.headers.get("content-encoding", "")
            if sink is not None and response.is_success:
                await save(raw, encoding, sink, exchange.saves)
                return Answer(response.status_code, dict(response.headers.items()), b"", saved=True)
            body, truncated = await read_bounded(raw, encoding, self._settings.max_answer_bytes)
        finally:
            # A connection that fails to close does not harm a complete answer.
            for part in (raw, stream):
                with suppress(Exception):
                    await part.aclose()
        return Answer(response.status_code, dict(response.headers.items()), body, truncated)

    async def handshake(self, url: str) -> Handshake:
        """Connect with this client's certificate and trust, and send nothing. Raises DeliveryError."""
        return await handshake(url, self._context, seconds=self._settings.connect_timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        for kind in (self._kept, self._fresh, *self._earlier):
            await kind.transport.aclose()
        await asyncio.gather(*self._closing, return_exceptions=True)


def _connections(settings: TransportSettings, context: ssl.SSLContext, *, reuse: bool) -> _Connections:
    # Made at the first request: aiohttp's session belongs to the loop that runs then.
    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_connector(settings, context, reuse=reuse),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[_trace()],
            middlewares=[_as_written],
            max_field_size=MOST_HEADER_BYTES,
            max_line_size=MOST_HEADER_BYTES,
            max_headers=MOST_HEADERS,
        )

    # The context is aiohttp's; given here too, because the transport would else load all system CAs again.
    transport = AiohttpTransport(client=session, verify=context, trust_env=False)
    requests = httpx.AsyncClient(
        transport=transport,
        headers={
            "user-agent": "Herald",
            "accept-encoding": ACCEPTED_ENCODINGS,
            "connection": "keep-alive" if reuse else "close",
        },
        timeout=httpx.Timeout(settings.answer_timeout, connect=settings.connect_timeout, pool=None),
        trust_env=False,
    )
    return _Connections(requests, transport)


def _check_headers(headers: httpx.Headers) -> None:
    if sum(len(name) + len(value) for name, value in headers.raw) > MOST_HEADER_BYTES:
        raise BrokenAnswer(f"its headers have more than {MOST_HEADER_BYTES} bytes")
    # llhttp refuses this in most headers, but uses such a Content-Length or Transfer-Encoding, which others ignore.
    if any(name.endswith((b" ", b"\t")) for name, _ in headers.raw):
        raise BrokenAnswer("a space stands before the colon of a header")


async def _as_written(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let the address leave as it was given: aiohttp writes %3B as `;`, and a server may cut the path there.

    Of the answer the reason phrase is dropped: nothing reads it, and of bytes that are not UTF-8 httpx makes an error.
    """
    request.url = yarl.URL(str(_exchange.get().target), encoded=True)
    response = await send(request)
    response.reason = None
    return response


def _connector(settings: TransportSettings, context: ssl.SSLContext, *, reuse: bool) -> aiohttp.TCPConnector:
    if not reuse:
        return AskedConnector(ssl=context, limit=settings.max_connections, force_close=True)
    return AskedConnector(
        ssl=context, limit=settings.max_connections, keepalive_timeout=settings.keepalive_seconds
    )


def _trace() -> aiohttp.TraceConfig:
    async def on_connection(_: object, __: SimpleNamespace, ___: object) -> None:
        _exchange.get().connects()

    async def on_headers(_: object, __: SimpleNamespace, ___: object) -> None:
        _exchange.get().leaves()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(on_connection)
    trace.on_connection_reuseconn.append(on_connection)
    trace.on_request_headers_sent.append(on_headers)
    return trace


def _address(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise delivery_error(error, Stage.CONNECTING, "an address") from None


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}


def _host(target: httpx.URL) -> str:
    return f"{target.host}:{target.port or (443 if target.scheme == 'https' else 80)}"


def _keep_addresses_out_of_logs() -> None:
    # httpx logs every address with its query at INFO; a query may name a patient.
    logging.getLogger("httpx").setLevel(logging.WARNING)
