"""What is sent: an address as it was given, and a head with everything in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aiohttp
import yarl
from aiohttp import BytesPayload
from multidict import CIMultiDict

from worker.transport.body import ACCEPTED_ENCODINGS
from worker.transport.failures import Stage, delivery_error

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Collection, Mapping

    from worker.transport.streaming import Outgoing

_AS_WRITTEN = re.compile(r"[!-~]+")
_NOT_IN_A_HEAD = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


def address(url: str) -> yarl.URL:
    """Read an address; it leaves as it is written. Raises ValueError.

    yarl's own way writes %3B as `;`, and a server may cut the path there: it is taken only for what no request line can
    hold (spaces, letters that are not ASCII). yarl keeps the last addresses that it has read.
    """
    target = yarl.URL(url, encoded=_AS_WRITTEN.fullmatch(url) is not None)
    if target.host is None:  # which yarl reads, with the port, only when it is asked
        raise ValueError("the address names no host")
    return target


def target_of(url: str, schemes: Collection[str]) -> yarl.URL:
    """Read the address of a request. Raises DeliveryError where it is none, ValueError for other schemes."""
    try:
        target = address(url)
    except ValueError as error:
        raise delivery_error(error, Stage.CONNECTING, "an address") from None
    if target.scheme not in schemes:
        raise ValueError(f"only {' and '.join(schemes)} addresses are allowed")
    return target


def host_of(target: yarl.URL) -> str:
    """Return what may be shown of an address."""
    return f"{target.host}:{target.port}"


class Request(aiohttp.ClientRequest):
    """aiohttp's request with the headers of Herald in place of aiohttp's. Raises ValueError where it cannot be sent."""

    DEFAULT_HEADERS = {}  # noqa: RUF012  # of aiohttp, which does not declare it as the class's

    def __init__(
        self,
        method: str,
        target: yarl.URL,
        headers: Mapping[str, str],
        content: bytes | Outgoing,
        *,
        reuse: bool,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        must_be_sendable(headers)
        every = CIMultiDict(first_headers(reuse=reuse))
        every.update(headers)
        data: Any = BytesPayload(content) if isinstance(content, bytes) and content else content or None
        super().__init__(method, target, headers=every, data=data, loop=loop)
        self._reuse = reuse

    def like(self, headers: Mapping[str, str], content: bytes) -> Request:
        """Return a request to the same address. Raises ValueError."""
        return Request(self.method, self.original_url, headers, content, reuse=self._reuse, loop=self.loop)


def must_be_sendable(headers: Mapping[str, str]) -> None:
    """Raise ValueError before anything is sent: aiohttp does so while it sends, when the outcome counts as unknown."""
    head = "".join((*headers, *headers.values()))
    # The first of the two is what nearly every head is, and costs little.
    if not (head.isascii() and head.isprintable()) and _NOT_IN_A_HEAD.search(head):
        raise ValueError("a header has a character that no header can have")


def _headers_with(connection: str) -> CIMultiDict[str]:
    return CIMultiDict({
        "Accept": "*/*", "Accept-Encoding": ACCEPTED_ENCODINGS, "Connection": connection, "User-Agent": "Herald"
    })  # fmt: skip


_KEPT = _headers_with("keep-alive")
_FRESH = _headers_with("close")


def first_headers(*, reuse: bool) -> Mapping[str, str]:
    """Return the headers of every request, of which its own ones take the place."""
    return _KEPT if reuse else _FRESH
