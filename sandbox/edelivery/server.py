"""The sandbox of eDelivery with the state ESB: token service and gateway, with the ESB's other services behind it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.edelivery.push_sender import PushSender
from sandbox.edelivery.stand_in import UPLOADS, EDelivery
from sandbox.esb.assembly import Esb
from sandbox.pki import Pki
from sandbox.server import SandboxServer
from sandbox.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.esb.credentials import ClientFiles

_LARGEST_UPLOAD = 512 * 1024 * 1024


class Sandbox(SandboxServer):
    """A running ESB with eDelivery, ePayments' connector, the generator of numbers and epdeau, as a context manager.

    Its own port is the gateway's; the token service has another one, and control of its own. ``directory`` holds the
    test certificates (`Pki`) and those of the ESB's clients, made when it has none. ``callback_ca_file`` is what
    receivers of push notifications are trusted by: the sandbox's own authority where it is not given.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token_port: int = 0,
        token_seconds: float = 3600.0,
        callback_ca_file: Path | None = None,
        seed: int = 0,
    ) -> None:
        pki, clock = Pki.at(directory), Clock()
        self._files = tempfile.TemporaryDirectory(prefix="herald-sandbox-edelivery-")
        self.edelivery = EDelivery(Path(self._files.name), clock.now)
        self.esb = Esb(directory, clock.now, self.edelivery, token_seconds=token_seconds, seed=seed)
        authorities = (self.esb.credentials.authority_file,)
        super().__init__(
            self.esb.gateway(self.edelivery.files, self._reset_token_service),
            pki,
            clock,
            host=host,
            port=port,
            seed=seed,
            client_authorities=authorities,
            spool=Spool(Path(self._files.name), _takes, _LARGEST_UPLOAD),
        )
        self.token_service = SandboxServer(
            self.esb.token_service,
            pki,
            clock,
            host=host,
            port=token_port,
            seed=seed,
            client_authorities=authorities,
        )
        self._push = PushSender(self.edelivery, callback_ca_file or pki.ca_file)

    @property
    def token_url(self) -> str:
        """The base of the token service's addresses."""
        return self.token_service.url

    @property
    def clients(self) -> Mapping[str, ClientFiles]:
        """The ESB's clients with their certificates, by name."""
        return self.esb.credentials.clients()

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "token_url": self.token_url,
            "client_ca_file": str(self.esb.credentials.authority_file.resolve()),
            "clients": [one.shown() for one in self.clients.values()],
            "payment_clients": self.esb.payment_clients_shown(),
        }

    async def start(self) -> None:
        """Listen at both ports, and begin to send. Raises OSError when a port is taken."""
        await super().start()
        await self.token_service.start()
        self.edelivery.files.url = self.url
        self.esb.start()
        self._push.start()

    async def stop(self) -> None:
        """End what sends, close both listeners and every connection, delete the files."""
        await self._push.stop()
        await self.esb.stop()
        await self.token_service.stop()
        await super().stop()
        self._files.cleanup()

    def _reset_token_service(self) -> None:
        self.token_service.service.reset()


def _takes(method: str, path: str) -> bool:
    return method == "POST" and path in UPLOADS
