"""One national system on the network: each request is logged, matched against the fault rules, and answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from sandbox import wire
from sandbox.faults import FaultProgramme
from sandbox.lateness import Lateness
from sandbox.pages import page
from sandbox.request_log import RequestLog
from sandbox.stand_in import Request

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.spool import Spool
    from sandbox.stand_in import StandIn

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TOO_LARGE = 413


class Service:
    """A stand-in with its faults and the log of what arrived."""

    def __init__(self, stand_in: StandIn, clock: Clock, seed: int, spool: Spool | None = None) -> None:
        self.stand_in = stand_in
        self._spool = spool
        self.clock = clock
        self.faults = FaultProgramme(stand_in.traits, seed)
        self.request_log = RequestLog()
        self.lateness = Lateness()
        self.root_status: int | None = None
        """What a GET for none of the system's addresses, its root among them, is answered with; None: as usual."""

    def shown(self) -> dict[str, Any]:
        """Return the ledger with the counts of requests, ready for JSON."""
        return {**self.stand_in.ledger(), "counters": self.request_log.counters()}

    def reset(self) -> None:
        """Go back to the start."""
        self.clock.offset_seconds = 0.0
        self.faults.clear()
        self.root_status = None
        self.request_log.forget()
        self.stand_in.reset()

    async def serve(self, http: web.Request, start_outage: Callable[[float], None]) -> web.StreamResponse:
        """Answer one request. A request to none of the system's addresses is neither logged nor given faults."""
        if self._spool is None or not self._spool.takes(http.method, http.rel_url.raw_path):
            return await self._answered(http, _request(http, await http.read()), start_outage)
        async with self._spool.taken(http) as file:
            return await self._answered(http, _request(http, b"", file), start_outage)

    async def _answered(
        self, http: web.Request, request: Request, start_outage: Callable[[float], None]
    ) -> web.StreamResponse:
        stand_in = self.stand_in
        if not stand_in.serves(request.method, request.path):
            if self.root_status is not None and request.method == "GET":
                return wire.response(page(self.root_status, "Nothing Is Here"))
            return wire.response(stand_in.answer(request))
        traits = stand_in.traits_of(request)
        shown = {name: value for name, value in traits.items() if name not in stand_in.private_traits}
        operation = next(iter(traits.values()), None)
        exchange = wire.Exchange(
            http=http,
            request=request,
            stand_in=stand_in,
            request_log=self.request_log,
            logged=self.request_log.add(self.clock.now(), operation, shown, self.lateness.seconds()),
            start_outage=start_outage,
        )
        return await wire.perform(self.faults.next(traits), exchange)


def _request(http: web.Request, body: bytes, file: Path | None = None) -> Request:
    tls = http.get_extra_info("ssl_object")
    return Request(
        method=http.method,
        path=http.rel_url.raw_path,
        query=http.rel_url.raw_query_string,
        headers={name.lower(): value for name, value in http.headers.items()},
        body=body,
        client_certificate=tls.getpeercert(binary_form=True) if tls is not None else None,
        file=file,
    )


@web.middleware
async def gateway(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a too large request with a page of HTML, as a gateway does; control requests get aiohttp's 413."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if request.path.startswith("/_sandbox/") or error.status != _TOO_LARGE:
            raise
        return wire.response(page(_TOO_LARGE, "Request Entity Too Large"))
