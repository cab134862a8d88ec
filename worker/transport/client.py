"""The HTTP client over aiohttp's connections, one TLS identity each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.transport.answer_headers import answer_headers
from worker.transport.body import read_bounded
from worker.transport.failures import Stage, delivery_error
from worker.transport.handshake import handshake
from worker.transport.one_exchange import Exchange
from worker.transport.port import Answer, SendRefused
from worker.transport.request import address
from worker.transport.sending import Connections, end
from worker.transport.status_classes import SUCCESSFUL
from worker.transport.streaming import Outgoing, save

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import aiohttp
    import yarl

    from worker.transport.port import Handshake, SendGuard, Sink, Streamed
    from worker.transport.settings import TransportSettings


class AiohttpBackedClient:
    """The transport port's HttpClient. Sends once, follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(
        self, settings: TransportSettings, context: ssl.SSLContext, *, plain_http: bool = False
    ) -> None:
        """Make a client that takes https addresses alone, or with `plain_http` also http."""
        self._settings = settings
        self._context = context
        self._schemes = ("https", "http") if plain_http else ("https",)
        self._kept = Connections(settings, context, reuse=True)
        self._fresh = Connections(settings, context, reuse=False)
        self._earlier: list[Connections] = []
        self._closing: set[asyncio.Task[None]] = set()

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another certificate or other trusted authorities for new requests; those under way end as they began."""
        self._context = context
        earlier = (self._kept, self._fresh)
        self._kept = Connections(self._settings, context, reuse=True)
        self._fresh = Connections(self._settings, context, reuse=False)
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

        Whatever aiohttp raises becomes a DeliveryError: it raises more kinds than it documents.
        """
        target = self._target(url)
        exchange = Exchange(self._settings, guard)
        body: bytes | Outgoing
        if isinstance(content, bytes):
            body = content
        else:
            body = Outgoing(content, exchange.sends)
            headers = {**_without_length(headers), "content-length": str(content.size)}
        try:
            async with self._kept if reuse else self._fresh as connections, exchange.deadline:
                request = connections.request(method, target, headers, body)
                response = await connections.send(request, exchange)
                try:
                    return await self._read(response, exchange, sink)
                finally:
                    await end(response)
        except SendRefused:
            raise
        except Exception as error:  # noqa: BLE001  # every kind, and of what they say only what is ours
            failed = body.failure or error if isinstance(body, Outgoing) else error
            # Without the cause: its text quotes the whole address.
            raise delivery_error(failed, exchange.stage, _host(target)) from None
        finally:
            if isinstance(body, Outgoing):
                await body.aclose()

    def _target(self, url: str) -> yarl.URL:
        try:
            target = address(url)
        except ValueError as error:
            raise delivery_error(error, Stage.CONNECTING, "an address") from None
        if target.scheme not in self._schemes:
            raise ValueError(f"only {' and '.join(self._schemes)} addresses are allowed")
        return target

    async def _read(self, response: aiohttp.ClientResponse, exchange: Exchange, sink: Sink | None) -> Answer:
        exchange.stage = Stage.ANSWERING
        headers = answer_headers(response.raw_headers)
        encoding = headers.get("content-encoding", "")
        pieces = response.content.iter_any()
        if sink is not None and response.status in SUCCESSFUL:
            await save(pieces, encoding, sink, exchange.saves)
            return Answer(response.status, headers, b"", saved=True)
        body, truncated = await read_bounded(pieces, encoding, self._settings.max_answer_bytes)
        return Answer(response.status, headers, body, truncated)

    async def handshake(self, url: str) -> Handshake:
        """Connect with this client's certificate and trust, and send nothing. Raises DeliveryError."""
        return await handshake(url, self._context, seconds=self._settings.connect_timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        for kind in (self._kept, self._fresh, *self._earlier):
            await kind.aclose()
        await asyncio.gather(*self._closing, return_exceptions=True)


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}


def _host(target: yarl.URL) -> str:
    return f"{target.host}:{target.port}"
