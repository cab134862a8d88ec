"""Bounded connections: how many there are, how long a request may take to come, and how large its head may be."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from contracts.immutable import immutable
from worker.inbound.peers import counted_as, is_trusted
from worker.inbound.taking import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from ipaddress import IPv4Network, IPv6Network

    Network: TypeAlias = IPv4Network | IPv6Network

log = logging.getLogger(__name__)

LINE = 2048
"""Bytes of a request line: system, secret and a short path with its query."""
FIELD = 8190
"""Bytes of one header."""
FIELDS = 64
"""Headers of a request."""
LINGER = 1.0
"""Seconds for which the rest of a refused body is read, so that the caller sees the answer."""


@immutable
class Bounds:
    """``body`` is in bytes. ``seconds``: for a request's head to come, then for its body, and for an idle connection.

    ``per_peer`` counts the connections of one address, but for trusted proxies.
    """

    body: int
    seconds: float
    connections: int
    per_peer: int


class _Silent(logging.Logger):
    """aiohttp's own lines about bad requests quote them, and with them the secret in the path."""

    def __init__(self) -> None:
        super().__init__("worker.inbound.silent", logging.CRITICAL + 1)


class _Connection(web.RequestHandler):
    """One connection. What is not HTTP is answered with a status and nothing else."""

    __slots__ = ("_bounded", "_peer")

    def __init__(self, server: BoundedServer, **arguments: Any) -> None:
        super().__init__(server, **arguments)
        self._bounded = server
        self._peer: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it at once where there are too many."""
        address = transport.get_extra_info("peername")
        self._peer = self._bounded.admitted(address[0] if isinstance(address, tuple) else None)
        super().connection_made(transport)
        if self._peer is None:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another one."""
        peer, self._peer = self._peer, None
        if peer is not None:
            self._bounded.left(peer)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is not HTTP (400), or met a defect (500), without a word of it."""
        del request, message
        log.info("a request could not be read", extra={"status": status, "error": type(exc).__name__})
        answer = plain(status)
        response = web.Response(status=answer.status, body=answer.body)
        response.headers["Content-Type"] = answer.content_type
        response.headers["Server"] = "herald"
        response.force_close()
        return response


class BoundedServer(web.Server):
    """Makes a connection for each caller, within the bounds."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        bounds: Bounds,
        trusted: Collection[Network],
    ) -> None:
        super().__init__(handler)
        self._bounds = bounds
        self._trusted = trusted
        self._open = 0
        self._of_peer: Counter[str] = Counter()

    def __call__(self) -> web.RequestHandler:
        """Return what serves the next connection."""
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            # aiohttp closes a connection that is idle for so long: one that has sent no head, or a part of it, is idle.
            keepalive_timeout=self._bounds.seconds,
            max_line_size=LINE,
            max_field_size=FIELD,
            max_headers=FIELDS,
            lingering_time=LINGER,
            auto_decompress=False,
            access_log=None,
            logger=_Silent(),
        )

    def admitted(self, remote: str | None) -> str | None:
        """Count a new connection; return what it counts as, None where there are too many."""
        name = "proxy" if is_trusted(remote, self._trusted) else counted_as(remote or "")
        most = self._bounds.connections if name == "proxy" else self._bounds.per_peer
        if self._open >= self._bounds.connections or self._of_peer[name] >= most:
            log.debug("a connection was closed: there are too many")
            return None
        self._open += 1
        self._of_peer[name] += 1
        return name

    def left(self, name: str) -> None:
        """Count the end of a connection."""
        self._open -= 1
        self._of_peer[name] -= 1
        if not self._of_peer[name]:
            del self._of_peer[name]
