"""The ESB put together: its state, the token service, the gateway, and the services behind it that are its own."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.epayment.clients import CLIENT_IDS, invented_clients
from sandbox.epayment.sender import Sender
from sandbox.epayment.stand_in import EPayments
from sandbox.esb.connector import Connector
from sandbox.esb.credentials import Credentials
from sandbox.esb.directory import Directory
from sandbox.esb.gateway import Gateway
from sandbox.esb.orn import Generator
from sandbox.esb.state import State
from sandbox.esb.token_service import TokenService
from sandbox.secret_files import kept_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sandbox.esb.backend import Backend
    from sandbox.esb.gateway import Public

MAX_BYTES = 8 * 1024 * 1024
_SECRET_BYTES = 24


class Esb:
    """One ESB. ``backend`` is what stands behind it beside its own small services."""

    def __init__(
        self,
        directory: Path,
        now: Callable[[], datetime],
        backend: Backend,
        *,
        token_seconds: float,
        seed: int,
    ) -> None:
        self.credentials = Credentials.at(directory)
        self.state = State(now, token_seconds)
        self.token_service = TokenService(self.state)
        self._secret_files = {
            name: kept_secret(directory / "clients" / f"{name}.secret", secrets.token_urlsafe(_SECRET_BYTES))
            for name in CLIENT_IDS
        }
        read = {name: path.read_text(encoding="utf-8") for name, path in self._secret_files.items()}
        self._payment_clients = invented_clients(read)
        self.payments = EPayments(self._payment_clients, now=now, seed=seed)
        self._backends = (
            backend,
            Connector(self.payments, self._payment_clients),
            Generator(self.state, now),
            Directory(now),
        )
        self._sender = Sender(self.payments, now)

    def gateway(self, public: Public, also_reset: Callable[[], None]) -> Gateway:
        """Return the gateway; ``public`` are addresses at its port that are not its own."""
        return Gateway(self.state, self._backends, public, max_bytes=MAX_BYTES, also_reset=also_reset)

    def payment_clients_shown(self) -> list[dict[str, object]]:
        """Return the clients of ePayments, whose callbacks are signed with their secrets, ready for JSON."""
        return [
            {**one.shown(), "secret_file": str(self._secret_files[one.client_id].resolve())}
            for one in self._payment_clients
        ]

    def start(self) -> None:
        """Begin to send ePayments' callbacks."""
        self._sender.start()

    async def stop(self) -> None:
        """End the sender of callbacks."""
        await self._sender.stop()
