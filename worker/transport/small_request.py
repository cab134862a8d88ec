"""A small content to a known address: what aiohttp works out anew for each request is kept from the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aiohttp
from aiohttp.http import StreamWriter
from multidict import CIMultiDict

from worker.transport.request import Request, must_be_sendable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

    from worker.transport.streaming import Outgoing

SMALL = 16 * 1024
"""Bytes of a content that every connection takes at once: it holds four times as many until they have left."""
CHANGING = frozenset({"content-length", "expect", "host", "transfer-encoding"})
"""Headers by which a request is not sent as others are; aiohttp sees to these."""


def is_small(headers: Iterable[str], content: bytes | Outgoing) -> bool:
    """Tell whether the content is small, and nothing but the usual is to be done about it."""
    return (
        isinstance(content, bytes)
        and 0 < len(content) <= SMALL
        and CHANGING.isdisjoint(map(str.lower, headers))
    )


class SmallRequest:
    """A request like `known`, which has no content, with headers and a content of its own. Raises ValueError."""

    __slots__ = ("_content", "_given", "headers", "known")

    def __init__(self, known: Request, headers: Mapping[str, str], content: bytes) -> None:
        must_be_sendable(headers)
        self.known = known
        self.headers = CIMultiDict(known.headers)
        self.headers.pop("Content-Length", None)
        self.headers.update(headers)
        self.headers["Content-Length"] = str(len(content))
        self.headers.setdefault("Content-Type", "application/octet-stream")
        self._given, self._content = headers, content

    async def send(self, connection: Connection) -> aiohttp.ClientResponse:
        """Hand it to the connection, and return the answer that it awaits.

        aiohttp makes a task that writes the content, in case the connection cannot take it all; of a small one it can.
        """
        known, protocol = self.known, cast("ResponseHandler", connection.protocol)
        if protocol.writing_paused:
            return await known.like(self._given, self._content).send(connection)
        writer = StreamWriter(protocol, known.loop)
        await writer.write_headers(f"{known.method} {known.url.raw_path_qs} HTTP/1.1", self.headers)
        await writer.write_eof(self._content)
        protocol.start_timeout()
        return aiohttp.ClientResponse(
            known.method,
            known.original_url,
            writer=None,
            continue100=None,
            timer=None,  # type: ignore[arg-type]  # it makes one that does nothing: the deadline is the exchange's
            request_info=known.request_info,
            traces=[],
            loop=known.loop,
            session=known.session,
            stream_writer=writer,
        )
