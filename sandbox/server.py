"""The sandbox as a server: TLS, one port for a national system and for control, and outages of the listener."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox import wire
from sandbox.control import Control
from sandbox.service import Service, gateway

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from sandbox.clock import Clock
    from sandbox.faults import FaultProgramme
    from sandbox.pki import Pki
    from sandbox.request_log import RequestLog
    from sandbox.spool import Spool
    from sandbox.stand_in import StandIn

_SHUTDOWN_SECONDS = 0.2  # requests that hang on purpose are not waited for


class SandboxServer:
    """One stand-in behind TLS, as an async context manager. Port 0 takes a free one.

    `faults` has its fault rules and `request_log` its requests; the stand-in has the ledger. Client certificates are
    those of the sandbox's authority, and of ``client_authorities`` where a system has its own. ``spool`` takes bodies
    that are too large for memory.
    """

    def __init__(
        self,
        stand_in: StandIn,
        pki: Pki,
        clock: Clock,
        *,
        host: str,
        port: int,
        seed: int,
        client_authorities: Sequence[Path] = (),
        spool: Spool | None = None,
    ) -> None:
        self.pki = pki
        self._client_authorities = client_authorities
        self.service = Service(stand_in, clock, seed, spool)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._outage: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The base of the system's addresses."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"https://{host}:{self._port}"

    @property
    def ca_file(self) -> Path:
        """The authority that a client must trust."""
        return self.pki.ca_file

    @property
    def faults(self) -> FaultProgramme:
        """The programme of faults."""
        return self.service.faults

    @property
    def request_log(self) -> RequestLog:
        """The log of requests."""
        return self.service.request_log

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {"url": self.url, "ca_file": str(self.ca_file.resolve())}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=self.service.stand_in.max_bytes, middlewares=[gateway])
        app.add_routes(Control(self.service, self.start_outage).routes())
        app.router.add_route("*", "/{path:(?!_sandbox/).*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await self._listen()
        self._watch = asyncio.create_task(self.service.lateness.watch())

    async def stop(self) -> None:
        """Close the listener and every connection."""
        beside = [task for task in (self._outage, self._watch) if task is not None]
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        self._outage = self._watch = None
        if self._runner is not None:
            self._reset_connections()
            await self._runner.cleanup()
            self._runner = None

    def start_outage(self, seconds: float) -> None:
        """Refuse connections and reset the open ones for so long; does nothing while an outage is on."""
        if self._outage is None or self._outage.done():
            self._outage = asyncio.get_running_loop().create_task(self._be_out(seconds))

    async def _be_out(self, seconds: float) -> None:
        if self._site is not None:
            await self._site.stop()
        self._reset_connections()
        await asyncio.sleep(seconds)
        await self._listen()

    async def _listen(self) -> None:
        if self._runner is None:
            raise RuntimeError("the sandbox is not started")
        context = _tls(self.pki, self._client_authorities)
        self._site = web.TCPSite(
            self._runner, self._host, self._port, ssl_context=context, reuse_address=True
        )
        await self._site.start()
        self._port = self._site.port

    def _reset_connections(self) -> None:
        server = self._runner.server if self._runner is not None else None
        for connection in list(server.connections) if server is not None else []:
            wire.reset(connection.transport)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await self.service.serve(request, self.start_outage)


def _tls(pki: Pki, client_authorities: Sequence[Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pki.ca_file))
    for authority in client_authorities:
        context.load_verify_locations(cafile=str(authority))
    context.verify_mode = ssl.CERT_OPTIONAL  # some systems ask for a certificate at some addresses
    context.load_cert_chain(pki.server_certificate_file, pki.server_key_file)
    return context
