"""The receiver's HTTP server: every connection and request is bounded before anything of it is believed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web

from worker.inbound.connections import BoundedServer, Bounds
from worker.inbound.files.requests import is_for_files
from worker.inbound.peers import peer_of
from worker.inbound.taking import plain
from worker.systems.calls import Call, CallAnswer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection
    from ipaddress import IPv4Network, IPv6Network

    from worker.inbound.files.serving import FileServing
    from worker.inbound.meter import ReceiverMeter
    from worker.inbound.rates import Rates
    from worker.inbound.routes import Found, Routes
    from worker.inbound.taking import Taking
    from worker.pipeline.ports import Clock

    Network: TypeAlias = IPv4Network | IPv6Network

log = logging.getLogger(__name__)

BAD_REQUEST, NOT_FOUND, TIMED_OUT, TOO_LARGE, TOO_MANY, UNAVAILABLE = 400, 404, 408, 413, 429, 503
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _TooLarge(Exception):
    """The body has more bytes than are taken."""


_BROKEN = {_TooLarge: TOO_LARGE, TimeoutError: TIMED_OUT, web.RequestPayloadError: BAD_REQUEST}
"""What is answered where a body did not come, by what happened."""


class ReceiverServer:
    """Serves the routes. `address` has host and port after `start`; port 0 takes a free one."""

    def __init__(
        self,
        taking: Taking,
        routes: Routes,
        rates: Rates,
        clock: Clock,
        *,
        bounds: Bounds,
        trusted: Collection[Network],
        meter: ReceiverMeter,
        retry_after: int,
        files: FileServing | None = None,
    ) -> None:
        self._taking = taking
        self._routes = routes
        self._rates = rates
        self._clock = clock
        self._bounds = bounds
        self._trusted = trusted
        self._meter = meter
        self._retry_after = str(retry_after)
        self._files = files
        self._protocol: BoundedServer | None = None
        self._listener: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens. Raises RuntimeError before `start`."""
        if self._listener is None:
            raise RuntimeError("the receiver does not listen")
        host, port, *_ = self._listener.sockets[0].getsockname()
        return host, port

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen. Raises OSError where the port is taken."""
        self._protocol = BoundedServer(self._serve, self._bounds, self._trusted)
        handshake = None if tls is None else self._bounds.seconds
        self._listener = await asyncio.get_running_loop().create_server(
            self._protocol, host, port, ssl=tls, ssl_handshake_timeout=handshake
        )

    async def stop(self, seconds: float) -> None:
        """Stop listening, and let the calls in progress end, for at most so long."""
        listener, self._listener = self._listener, None
        if listener is not None and self._protocol is not None:
            listener.close()
            self._protocol.pre_shutdown()
            await self._protocol.shutdown(seconds)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        began = self._clock.monotonic()
        peer = peer_of(request.remote, ",".join(request.headers.getall("X-Forwarded-For", [])), self._trusted)
        if self._files is not None and is_for_files(request.rel_url.raw_path):
            return await self._serve_file(self._files, request, peer)
        found, answer = await self._answer(request, peer)
        seconds = self._clock.monotonic() - began
        system = found.system if found else None
        self._meter.answered(system, answer.status, seconds)
        # Never the path, which holds the secret.
        level = logging.DEBUG if found is None else logging.INFO
        log.log(
            level,
            "call",
            extra={"system": system, "status": answer.status, "seconds": round(seconds, 3), "peer": peer},
        )
        return self._response(answer)

    async def _serve_file(
        self, files: FileServing, request: web.BaseRequest, peer: str
    ) -> web.StreamResponse:
        if not await self._rates.takes_peer(peer):
            return self._response(plain(TOO_MANY))
        began = self._clock.monotonic()
        who, response = await files.answer(request)
        # Never the path or the query: a signed address is a secret.
        seconds = round(self._clock.monotonic() - began, 3)
        told = {"status": response.status, "peer": peer, "seconds": seconds}
        log.info("a file, for %s", who or "nobody known", extra=told)
        return response

    async def _answer(self, request: web.BaseRequest, peer: str) -> tuple[Found | None, CallAnswer]:
        """Return the route, where there is one, and the answer."""
        if not await self._rates.takes_peer(peer):
            return None, plain(TOO_MANY)
        found = self._routes.find(request.rel_url.raw_path)
        if found is None:
            return None, plain(NOT_FOUND)
        if not await self._rates.takes_route(found.system):
            return found, self._taking.refusal(found.system, _call(request, found, peer, b""), TOO_MANY)
        try:
            body = await self._body(request)
        except (_TooLarge, TimeoutError, web.RequestPayloadError) as error:
            status = next(status for kind, status in _BROKEN.items() if isinstance(error, kind))
            return found, self._taking.refusal(found.system, _call(request, found, peer, b""), status)
        return found, await self._taking.answer(found.system, _call(request, found, peer, body))

    async def _body(self, request: web.BaseRequest) -> bytes:
        """Read the body. Raises _TooLarge, TimeoutError, and what aiohttp raises for a broken one."""
        most = self._bounds.body
        if (request.content_length or 0) > most:
            raise _TooLarge
        async with asyncio.timeout(self._bounds.seconds):
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(_CONTINUE)
                request.writer.output_size = 0  # it is no part of the answer
            parts, size = [], 0
            async for part in request.content.iter_any():
                size += len(part)
                if size > most:
                    raise _TooLarge
                parts.append(part)
        return b"".join(parts)

    def _response(self, answer: CallAnswer) -> web.Response:
        response = web.Response(status=answer.status, body=answer.body)
        response.headers["Content-Type"] = answer.content_type
        response.headers["Server"] = "herald"
        if answer.status in {TOO_MANY, UNAVAILABLE}:
            response.headers["Retry-After"] = self._retry_after
        if answer.status in _BROKEN.values():
            response.force_close()  # the rest of the body is not read
        return response


def _call(request: web.BaseRequest, found: Found, peer: str, body: bytes) -> Call:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        # As RFC 9110, 5.3 reads a header that comes twice.
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    query = request.rel_url.raw_query_string
    return Call(request.method, found.path, query, headers, body, peer)
