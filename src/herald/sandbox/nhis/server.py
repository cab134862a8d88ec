"""The sandbox as a server: TLS, one port for NHIS and for control, and outages of the listener itself."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import TYPE_CHECKING, Self

from aiohttp import web
from cryptography import x509

from herald.sandbox.nhis import wire
from herald.sandbox.nhis.control import Control
from herald.sandbox.nhis.message import MAX_BYTES
from herald.sandbox.nhis.schemas import BUNDLED
from herald.sandbox.nhis.service import NationalService, gateway
from herald.sandbox.nhis.state import State
from herald.sandbox.pki import Pki, SignerFiles

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from herald.sandbox.nhis.faults import FaultProgramme
    from herald.sandbox.nhis.ledger import Ledger

_SHUTDOWN_SECONDS = 0.2  # what hangs on purpose need not be waited for


class Sandbox:
    """An NHIS of one's own, as an async context manager.

        async with Sandbox(directory) as nhis:
            nhis.faults.add("drop-after", match={"messageType": "I001"}, times=1)
            ...
            nhis.ledger.registrations

    ``directory`` holds the test certificates (`Pki`), made when it has none. Port 0 takes a free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        schemas: Path = BUNDLED,
        token_seconds: float = 7200.0,
        seed: int = 0,
        signers_file: Path | None = None,
    ) -> None:
        self.pki = Pki.load(directory) if Pki.exists(directory) else Pki.create(directory)
        self._host = host
        self._port = port
        authority = x509.load_pem_x509_certificate(self.pki.ca_file.read_bytes())
        self.state = State.create(
            authority=authority, schemas=schemas, token_seconds=token_seconds, seed=seed
        )
        self._register_signers(signers_file or directory / "signers.json")
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._outage: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The base of the service paths."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"https://{host}:{self._port}"

    @property
    def auth_url(self) -> str:
        """The token endpoint."""
        return f"{self.url}/token"

    @property
    def ca_file(self) -> Path:
        """The authority that a client must trust."""
        return self.pki.ca_file

    @property
    def signers(self) -> tuple[SignerFiles, ...]:
        """The signers whose keys the sandbox made."""
        return self.pki.signers

    @property
    def ledger(self) -> Ledger:
        """What was registered and asked."""
        return self.state.ledger

    @property
    def faults(self) -> FaultProgramme:
        """What goes wrong."""
        return self.state.faults

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=MAX_BYTES, middlewares=[gateway])
        app.add_routes(NationalService(self.state, self.start_outage).routes())
        app.add_routes(Control(self.state, self.start_outage).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await self._listen()

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._outage is not None:
            self._outage.cancel()
            await asyncio.gather(self._outage, return_exceptions=True)
            self._outage = None
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
        self._site = web.TCPSite(
            self._runner, self._host, self._port, ssl_context=_tls(self.pki), reuse_address=True
        )
        await self._site.start()
        self._port = self._site.port

    def _reset_connections(self) -> None:
        server = self._runner.server if self._runner is not None else None
        for connection in list(server.connections) if server is not None else []:
            wire.reset(connection.transport)

    def _register_signers(self, path: Path) -> None:
        for item in json.loads(path.read_text(encoding="utf-8")):
            certificate = (path.parent / item["certificate"]).read_bytes()
            self.state.signers.register(item["name"], item["uin"], certificate)


def _tls(pki: Pki) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pki.ca_file))
    context.verify_mode = ssl.CERT_OPTIONAL  # a client certificate is one of the two ways to a token
    context.load_cert_chain(pki.server_certificate_file, pki.server_key_file)
    return context
