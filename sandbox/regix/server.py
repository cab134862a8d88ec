"""The RegiX sandbox: the server with its stand-in, the consumers' certificates, and the sender of callbacks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.pki import Pki
from sandbox.regix.answers import Registers
from sandbox.regix.callback_sender import CallbackSender
from sandbox.regix.credentials import Credentials
from sandbox.regix.names import BASIC_PATH, PATH
from sandbox.regix.stand_in import RegiX
from sandbox.regix.variants import Variants
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox(SandboxServer):
    """A running stand-in of RegiX V2, as an async context manager.

    ``directory`` holds the test certificates (`Pki`) and those of the consumers (`Credentials`), made when it has
    none. ``callback_ca_file`` is what receivers of callbacks are trusted by: the sandbox's own authority where it is
    not given. Port 0 takes a free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        strict: bool = False,
        async_seconds: float = 5.0,
        callback_ca_file: Path | None = None,
    ) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        self.credentials = Credentials.at(directory)
        self.consumers = self.credentials.consumers()
        registers = Registers(self.credentials.signer(), self.credentials.signer(stranger=True), clock.now)
        self.regix = RegiX(
            {name: files.der for name, files in self.consumers.items()},
            registers,
            now=clock.now,
            seed=seed,
            variants=Variants(strict=strict, async_seconds=async_seconds),
        )
        self._callbacks = CallbackSender(self.regix.entry_point, clock, callback_ca_file or pki.ca_file)
        self._sending: asyncio.Task[None] | None = None
        authorities = (self.credentials.authority_file,)
        super().__init__(
            self.regix, pki, clock, host=host, port=port, seed=seed, client_authorities=authorities
        )

    @property
    def basic_url(self) -> str:
        """The endpoint of SOAP 1.1."""
        return self.url + BASIC_PATH

    @property
    def soap12_url(self) -> str:
        """The endpoint of SOAP 1.2 with WS-Addressing."""
        return self.url + PATH

    async def start(self) -> None:
        """Listen, and send callbacks. Raises OSError when the port is taken."""
        await super().start()
        self._sending = asyncio.get_running_loop().create_task(self._callbacks.run())

    async def stop(self) -> None:
        """Close the listener and every connection, and send no further callback."""
        await super().stop()
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending  # raises what ended it before its time

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "basic_url": self.basic_url,
            "soap12_url": self.soap12_url,
            "signing_certificate_file": str(self.credentials.signing_certificate_file.resolve()),
            "signing_ca_file": str(self.credentials.authority_file.resolve()),
            "consumers": [files.shown() for files in self.consumers.values()],
        }
