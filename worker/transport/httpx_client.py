"""The HTTP client for requests that are not submissions: httpx, over aiohttp's connections by httpx-aiohttp.

httpx's client makes the requests and its transport sends them. Between the two the client would read cookies and
redirects, and fail over an address in `Location` that it cannot read; the answer is needed as it is.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from worker.transport.answer_headers import MOST_HEADER_BYTES, MOST_HEADERS, answer_headers
from worker.transport.body import read_bounded
from worker.transport.connections import connector
from worker.transport.failures import Stage, delivery_error
from worker.transport.one_exchange import Exchange
from worker.transport.pooled_client import PooledClient
from worker.transport.pools import Pool
from worker.transport.port import Answer, SendRefused
from worker.transport.request import first_headers, host_of, must_be_sendable, target_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Mapping

    import yarl

    from worker.transport.port import SendGuard, Sink, Streamed
    from worker.transport.settings import TransportSettings

_current: ContextVar[tuple[Exchange, yarl.URL]] = ContextVar("herald_exchange")
"""The request of this task: aiohttp's session, which serves all of them, tells its trace nothing of httpx's."""


class NotRepeated(aiohttp.ClientError):
    """A broken connection, in a form for which aiohttp does not send the request again by itself."""


class HttpxClient(PooledClient["_HttpxPool"]):
    """The transport port's HttpClient, without files. Sends once; no redirects, no cookies, no proxies."""

    def __init__(
        self, settings: TransportSettings, context: ssl.SSLContext, *, plain_http: bool = False
    ) -> None:
        """Make a client that takes https addresses alone, or with `plain_http` also http."""
        super().__init__(settings, partial(_HttpxPool, settings), context, plain_http=plain_http)

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

        Raises TypeError for files, sent or saved. Whatever the libraries raise becomes a DeliveryError.
        """
        if not isinstance(content, bytes) or sink is not None:
            raise TypeError(
                "this client holds bodies in memory: files are sent and saved by AiohttpBackedClient"
            )
        target = target_of(url, self._schemes)
        exchange = Exchange(self._settings, guard, self._deadlines)
        token = _current.set((exchange, target))
        try:
            async with self._pools.of(reuse=reuse) as pool:
                with exchange.deadline:
                    response = await pool.send(method, target, headers, content)
                    return await self._read(response, exchange)
        except SendRefused:
            raise
        except Exception as error:  # noqa: BLE001  # every kind, and of what they say only what is ours
            # Without the cause: its text quotes the whole address. And by no name that stays, as in the other client.
            raise delivery_error(_cause(error) or error, exchange.stage, host_of(target)) from None
        finally:
            _current.reset(token)

    async def _read(self, response: httpx.Response, exchange: Exchange) -> Answer:
        exchange.stage = Stage.ANSWERING
        # The transport's own stream: `aiter_raw` closes within, and would let a failed close spoil a complete answer.
        stream = cast("httpx.AsyncByteStream", response.stream)
        pieces = cast("AsyncGenerator[bytes]", aiter(stream))
        try:
            headers = answer_headers(response.headers.raw)
            encoding = headers.get("content-encoding", "")
            body, truncated = await read_bounded(pieces, encoding, self._settings.max_answer_bytes)
            return Answer(response.status_code, headers, body, truncated)
        finally:
            for part in (pieces, stream):
                with suppress(Exception):
                    await part.aclose()


def _cause(error: Exception) -> BaseException | None:
    """Return aiohttp's own error. httpx's tell less: a connection that broke after sending is a ConnectTimeout."""
    return error.__cause__ if isinstance(error, httpx.TransportError) else None


class _HttpxPool(Pool):
    def __init__(self, settings: TransportSettings, context: ssl.SSLContext, *, reuse: bool) -> None:
        super().__init__()
        # The session is made at the first request: it belongs to the loop that runs then. The context is given here
        # too, because the transport would else load all system CAs again.
        self._transport = AiohttpTransport(
            client=lambda: _session(connector(settings, context, reuse=reuse)), verify=context
        )
        self._requests = httpx.AsyncClient(
            transport=self._transport,
            headers=first_headers(reuse=reuse),
            timeout=httpx.Timeout(
                settings.answer_timeout, connect=settings.connect_timeout, pool=settings.total_timeout
            ),
            trust_env=False,
        )

    async def send(
        self, method: str, target: yarl.URL, headers: Mapping[str, str], content: bytes
    ) -> httpx.Response:
        """Send, and return the answer once its headers have come."""
        must_be_sendable(headers)
        fields = httpx.Headers(headers, encoding="utf-8")
        request = self._requests.build_request(method, str(target), headers=fields, content=content)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close them now."""
        await self._requests.aclose()


def _session(connections: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_leaves)
    return aiohttp.ClientSession(
        connector=connections,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[trace],
        middlewares=[_once_and_as_written],
        max_field_size=MOST_HEADER_BYTES,
        max_line_size=MOST_HEADER_BYTES,
        max_headers=MOST_HEADERS,
    )


async def _leaves(*_: object) -> None:
    """Follow aiohttp, which announces the head before it hands it to the connection: until then nothing was written."""
    exchange, _target = _current.get()
    exchange.leaves()


async def _once_and_as_written(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send once, with the address as it was given: httpx and yarl write it anew, and a server may cut it at their `;`.

    Of the answer the reason phrase is dropped: nothing reads it, and of bytes that are not UTF-8 httpx makes an error.
    """
    _exchange, request.url = _current.get()
    try:
        response = await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NotRepeated from error
    response.reason = None
    return response
