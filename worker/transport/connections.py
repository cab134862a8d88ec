"""Connections that no stray answer survives: what comes unasked ends the connection instead of being read later.

HTTP/1.1 answers name no request, so aiohttp gives whatever stands next on a connection to the request that waits there.
A second answer that a broken gateway sends to a kept connection would be read as the answer to the next patient's
message. It relies on private parts of aiohttp (`_factory`, `_get`), so only this module touches them;
tests/integration/transport/test_desynchronisation.py fails where the installed version no longer has them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.http_parser import RawResponseMessage
    from aiohttp.tracing import Trace

INFORMATIONAL = range(100, 200)
UPGRADE = 101
MOST_INFORMATIONAL = 100
"""Answers 1xx before the final one (RFC 9110, 15.2). aiohttp queues all of them without a bound on memory."""


class TooManyInformational(aiohttp.ClientError):
    """The server sent 1xx answers and no final one."""


class AskedAnswers(ResponseHandler):
    """Takes one final answer for each request, and ends the connection at anything else."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._asked = False
        self._answer: StreamReader | None = None
        self._informational = 0

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
    """A TCPConnector whose connections are `AskedAnswers`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(AskedAnswers, self._loop)  # type: ignore[assignment]  # a subclass

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        # Two rounds of the loop, so that bytes which have come by now are seen before their connection is taken.
        for _ in range(2):
            await asyncio.sleep(0)
        return await super()._get(key, traces)
