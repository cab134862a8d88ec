"""The sandbox of еПлащане: the server with its stand-in, the sender of callbacks, and the clients' secrets."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.epayment.clients import CLIENT_IDS, invented_clients
from sandbox.epayment.sender import Sender
from sandbox.epayment.stand_in import PATH, EPayments
from sandbox.pki import Pki
from sandbox.secret_files import kept_secret
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

_SECRET_BYTES = 24


class Sandbox(SandboxServer):
    """A running stand-in of еПлащане, as an async context manager.

    ``directory`` holds the test certificates (`Pki`) and the clients' secrets, made when it has none. Port 0 takes
    a free one. `api` is the stand-in: its settings, its outbox, its control.
    """

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        self._secret_files = {
            name: kept_secret(directory / "clients" / f"{name}.secret", secrets.token_urlsafe(_SECRET_BYTES))
            for name in CLIENT_IDS
        }
        read = {name: path.read_text(encoding="utf-8") for name, path in self._secret_files.items()}
        self.clients = invented_clients(read)
        self.api = EPayments(self.clients, now=clock.now, seed=seed)
        super().__init__(self.api, pki, clock, host=host, port=port, seed=seed)
        self._sender: Sender | None = None

    @property
    def service_url(self) -> str:
        """The address that the names of methods are appended to; it ends with a slash."""
        return self.url + PATH

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        clients = [
            {**one.shown(), "secret_file": str(self._secret_files[one.client_id].resolve())}
            for one in self.clients
        ]
        return {**super().ready(), "service_url": self.service_url, "clients": clients}

    async def start(self) -> None:
        """Listen, and begin to send callbacks. Raises OSError when the port is taken."""
        await super().start()
        self._sender = Sender(self.api, self.service.clock.now)
        self._sender.start()

    async def stop(self) -> None:
        """End the sender, close the listener and every connection."""
        if self._sender is not None:
            await self._sender.stop()
        await super().stop()

    async def settled(self, timeout: float = 10.0) -> None:
        """Wait until no callback waits for an attempt. Raises TimeoutError."""
        if self._sender is not None:
            async with asyncio.timeout(timeout):
                await self._sender.settled()
