"""Connections that no stray answer survives: what comes unasked ends the connection instead of being read later.

HTTP/1.1 answers name no request, so aiohttp gives whatever stands next on a connection to the request that waits there.
A second answer that a broken gateway sends to a kept connection would be read as the answer to the next patient's
message. It relies on private parts of aiohttp (`_factory`, `_get`, `_close`), so only this module touches them;
tests/integration/transport/test_desynchronisation.py fails where the installed version no longer has them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import aiohttp

from worker.transport.silence import BoundedSilence

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable

    from aiohttp import StreamReader
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.http_parser import RawResponseMessage
    from aiohttp.tracing import Trace

    from worker.transport.settings import TransportSettings

INFORMATIONAL = range(100, 200)
UPGRADE = 101
MOST_INFORMATIONAL = 100
"""Answers 1xx before the final one (RFC 9110, 15.2). aiohttp queues all of them without a bound on memory."""


class TooManyInformational(aiohttp.ClientError):
    """The server sent 1xx answers and no final one."""


class AskedAnswers(BoundedSilence):
    """Takes one final answer for each request, and ends the connection at anything else."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._asked = False
        self._answer: StreamReader | None = None
        self._informational = 0
        self._connected: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, which aiohttp drops when it asks for its end."""
        self._connected = cast("asyncio.WriteTransport", transport)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go of what leads back here: only the garbage collector would free it, and TLS's 300 KB with it."""
        super().connection_lost(exc)
        self._connected = self._answer = None

    def ended(self) -> asyncio.Future[None] | None:
        """End the connection at once; return what is done when it has ended, or None where there is nothing to end."""
        if self._connected is None or (closed := self.closed) is None:
            return None
        self._connected.abort()
        return closed

    def set_response_params(self, **params: Any) -> None:
        """Await one answer: aiohttp calls this right before it writes a request."""
        self._asked, self._answer, self._informational = True, None, 0
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of an answer."""
        message, payload = data
        if message.code in INFORMATIONAL and message.code != UPGRADE:
            self._informational += 1
            if self._informational > MOST_INFORMATIONAL:
                return
        else:
            self._answer = payload
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Take bytes that were asked for. An empty `data` is aiohttp's own call to go on with what it has."""
        if data and self._answered():
            self._end()
            return
        super().data_received(data)
        if self._informational > MOST_INFORMATIONAL:
            self._end()
            self.set_exception(TooManyInformational())

    def _answered(self) -> bool:
        return not self._asked or (self._answer is not None and self._answer.is_eof())

    def _end(self) -> None:
        self.force_close()
        self.abort()


class AskedConnector(aiohttp.TCPConnector):
    """A TCPConnector whose connections are `AskedAnswers`, and which leaves none of them open when it is closed.

    aiohttp forgets a connection that it does not keep, while asyncio waits up to 30 s for the server's end of TLS.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._made: WeakSet[AskedAnswers] = WeakSet()
        self._factory = self._make  # type: ignore[assignment]  # a subclass

    def _make(self) -> AskedAnswers:
        made = AskedAnswers(self._loop)
        self._made.add(made)
        return made

    def _close(self, *, abort_ssl: bool = False) -> list[Awaitable[object]]:
        waiters = super()._close(abort_ssl=abort_ssl)
        if self._loop.is_closed():
            return waiters
        return waiters + [ended for one in self._made if (ended := one.ended()) is not None]

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        # Taken before it is looked at: nobody else takes it meanwhile, and the limit is never exceeded.
        while (taken := await super()._get(key, traces)) is not None:
            if await _is_quiet(taken):
                return taken
            taken.close()
        return None


async def _is_quiet(taken: Connection) -> bool:
    """Let the loop run two rounds, so that bytes which have come by now are seen, and end their connection."""
    try:
        for _ in range(2):
            await asyncio.sleep(0)
    except BaseException:
        taken.release()
        raise
    return not taken.closed


def connector(settings: TransportSettings, context: ssl.SSLContext, *, reuse: bool) -> AskedConnector:
    """Make one for the loop that runs, with kept connections or fresh ones."""
    limit = settings.max_connections or 0  # aiohttp's word for none
    if not reuse:
        return AskedConnector(ssl=context, limit=limit, force_close=True)
    return AskedConnector(ssl=context, limit=limit, keepalive_timeout=settings.keepalive_seconds)
