"""The HTTP client over aiohttp's connections, one TLS identity each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.transport.answer_headers import answer_headers
from worker.transport.body import read_whole
from worker.transport.failures import Stage, delivery_error
from worker.transport.one_exchange import Exchange
from worker.transport.pooled_client import PooledClient
from worker.transport.port import Answer, SendRefused
from worker.transport.request import host_of, target_of
from worker.transport.sending import Connections, end
from worker.transport.status_classes import SUCCESSFUL
from worker.transport.streaming import Outgoing, save

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import aiohttp

    from worker.transport.port import SendGuard, Sink, Streamed
    from worker.transport.settings import TransportSettings


class AiohttpBackedClient(PooledClient[Connections]):
    """The transport port's HttpClient. Sends once, follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(
        self, settings: TransportSettings, context: ssl.SSLContext, *, plain_http: bool = False
    ) -> None:
        """Make a client that takes https addresses alone, or with `plain_http` also http."""
        super().__init__(settings, partial(Connections, settings), context, plain_http=plain_http)

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
        target = target_of(url, self._schemes)
        exchange = Exchange(self._settings, guard, self._deadlines)
        body: bytes | Outgoing
        if isinstance(content, bytes):
            body = content
        else:
            body = Outgoing(content, exchange.sends)
            headers = {**_without_length(headers), "content-length": str(content.size)}
        try:
            async with self._pools.of(reuse=reuse) as connections:
                with exchange.deadline:
                    request = connections.request(method, target, headers, body)
                    response = await connections.send(request, exchange)
                    try:
                        return await self._read(response, exchange, sink)
                    finally:
                        await end(response)
        except SendRefused:
            raise
        except Exception as error:  # noqa: BLE001  # every kind, and of what they say only what is ours
            # Without the cause: its text quotes the whole address. And by no name that stays: the garbage collector
            # would have to free the error, with the request and the answer that its traceback knows.
            raise delivery_error(_failure(body) or error, exchange.stage, host_of(target)) from None
        finally:
            if isinstance(body, Outgoing):
                await body.aclose()

    async def _read(self, response: aiohttp.ClientResponse, exchange: Exchange, sink: Sink | None) -> Answer:
        exchange.stage = Stage.ANSWERING
        headers = answer_headers(response.raw_headers)
        encoding = headers.get("content-encoding", "")
        if sink is not None and response.status in SUCCESSFUL:
            await save(response.content.iter_any(), encoding, sink, exchange.saves)
            return Answer(response.status, headers, b"", saved=True)
        body, truncated = await read_whole(response.content, encoding, self._settings.max_answer_bytes)
        return Answer(response.status, headers, body, truncated)


def _failure(body: bytes | Outgoing) -> Exception | None:
    return body.failure if isinstance(body, Outgoing) else None


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}
