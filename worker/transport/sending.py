"""Sends a request once over aiohttp's connections, of which a client has two kinds: kept ones and fresh ones.

aiohttp's connector, request and answer are used without its ClientSession, whose work would have to be undone: it
follows redirects, keeps cookies, reads proxies and passwords from the environment, and sends GET again where a kept
connection breaks. What is not called needs not be switched off, and costs nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import aiohttp

from worker.transport.answer_headers import MOST_HEADER_BYTES, MOST_HEADERS
from worker.transport.connections import connector
from worker.transport.pools import Pool
from worker.transport.request import Request
from worker.transport.small_request import SmallRequest, is_small

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import yarl
    from aiohttp.client_proto import ResponseHandler

    from worker.transport.connections import AskedConnector
    from worker.transport.one_exchange import Exchange
    from worker.transport.settings import TransportSettings
    from worker.transport.streaming import Outgoing

KNOWN = 64
"""Addresses of which what all requests have in common is kept."""


class Connections(Pool):
    """A pool that sends by itself."""

    def __init__(self, settings: TransportSettings, context: ssl.SSLContext, *, reuse: bool) -> None:
        super().__init__()
        self._settings = settings
        self._context = context
        self._reuse = reuse
        self._timeout = aiohttp.ClientTimeout(
            connect=settings.total_timeout, sock_connect=settings.connect_timeout
        )
        self._made: AskedConnector | None = None
        self._known = lru_cache(KNOWN)(self._without_content)

    async def aclose(self) -> None:
        """Close them now."""
        if self._made is not None:
            await self._made.close()

    def request(
        self, method: str, target: yarl.URL, headers: Mapping[str, str], content: bytes | Outgoing
    ) -> Request | SmallRequest:
        """Make a request for `send`. Raises ValueError where it cannot be sent."""
        if is_small(headers, content) and target.user is None:
            return SmallRequest(self._known(method, target), headers, cast("bytes", content))
        loop = asyncio.get_running_loop()
        return Request(method, target, headers, content, reuse=self._reuse, loop=loop)

    def _without_content(self, method: str, target: yarl.URL) -> Request:
        return Request(method, target, {}, b"", reuse=self._reuse, loop=asyncio.get_running_loop())

    async def send(self, request: Request | SmallRequest, exchange: Exchange) -> aiohttp.ClientResponse:
        """Send it if it may leave, and return the answer once its headers have come; `end` ends it.

        Until `exchange.leaves` has agreed, nothing but the TLS handshake was written.
        """
        known = request.known if isinstance(request, SmallRequest) else request
        connection = await self._connector().connect(known, [], self._timeout)
        try:
            self._await_answer(cast("ResponseHandler", connection.protocol), known)
            exchange.leaves()
            response = await request.send(connection)
            try:
                return await response.start(connection)
            except BaseException:
                response.close()
                await _ended(response)  # what still writes the content, too
                raise
        except BaseException:
            connection.close()
            raise

    def _await_answer(self, protocol: ResponseHandler, request: Request) -> None:
        protocol.set_response_params(
            skip_payload=request.method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            read_timeout=self._settings.answer_timeout,
            max_line_size=MOST_HEADER_BYTES,
            max_field_size=MOST_HEADER_BYTES,
            max_headers=MOST_HEADERS,
        )

    def _connector(self) -> AskedConnector:
        # Made at the first request: it belongs to the loop that runs then.
        if self._made is None:
            self._made = connector(self._settings, self._context, reuse=self._reuse)
        return self._made


async def end(response: aiohttp.ClientResponse) -> None:
    """Give its connection back, or close it where a part of the answer or of the request is left.

    A connection that fails to close does not harm a complete answer.
    """
    if not response.closed or response.connection is not None:  # a complete one has given it back
        await _ended(response)


async def _ended(response: aiohttp.ClientResponse) -> None:
    with suppress(Exception):
        if not response.closed:
            response.release()
        await response.wait_for_close()
