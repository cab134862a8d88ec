"""The HTTP clients of a worker: one without a certificate, and one for each TLS identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.transport.client import AiohttpBackedClient
from worker.transport.tls import TlsIdentity, client_context

if TYPE_CHECKING:
    from worker.transport.port import HttpClient
    from worker.transport.settings import TransportSettings


class HttpClients:
    """Makes each client once and closes them all. Two identities never share a connection.

    Raises ConfigurationError at once where the settings' CA file is of no use.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings
        self._plain = AiohttpBackedClient(settings, client_context(settings.ca_file))
        self._by_identity: dict[tuple[str, bytes], AiohttpBackedClient] = {}

    def plain(self) -> HttpClient:
        """Return the client that shows no certificate."""
        return self._plain

    def with_identity(self, name: str, identity: TlsIdentity) -> HttpClient:
        """Return the client that shows this identity; the same one for the same name and certificate."""
        key = (name, identity.certificates)
        if key not in self._by_identity:
            context = client_context(self._settings.ca_file, identity)
            self._by_identity[key] = AiohttpBackedClient(self._settings, context)
        return self._by_identity[key]

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._plain, *self._by_identity.values()):
            await client.aclose()
