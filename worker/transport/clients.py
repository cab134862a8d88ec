"""The HTTP clients of a worker: one without a certificate, and one for each TLS identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.transport.dispatching import DispatchingClient
from worker.transport.tls import TlsIdentity, client_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.transport.port import HttpClient
    from worker.transport.settings import TransportSettings


class HttpClients:
    """Makes each client once and closes them all. Two identities never share a connection.

    Raises ConfigurationError at once where the settings' CA file is of no use.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings
        self._plain = DispatchingClient(settings, client_context(settings.ca_file))
        self._by_identity: dict[tuple[str, bytes], tuple[DispatchingClient, TlsIdentity]] = {}

    def plain(self) -> HttpClient:
        """Return the client that shows no certificate."""
        return self._plain

    def with_identity(self, name: str, identity: TlsIdentity) -> HttpClient:
        """Return the client that shows this identity; the same one for the same name and certificate."""
        key = (name, identity.certificates)
        if key not in self._by_identity:
            context = client_context(self._settings.ca_file, identity)
            self._by_identity[key] = DispatchingClient(self._settings, context), identity
        return self._by_identity[key][0]

    def renewal(self, name: str, identity: TlsIdentity) -> Callable[[], HttpClient]:
        """Load another identity of this name. Raises ConfigurationError where OpenSSL does not take it.

        What is returned makes the client of that name show it from then on, and returns the client.
        """
        context = client_context(self._settings.ca_file, identity)

        def apply() -> HttpClient:
            earlier = next((key for key in self._by_identity if key[0] == name), None)
            if earlier is None:
                client = DispatchingClient(self._settings, context)
            else:
                client = self._by_identity.pop(earlier)[0]
                client.renew(context)
            self._by_identity[name, identity.certificates] = client, identity
            return client

        return apply

    def trust(self) -> Callable[[], None]:
        """Load the CA file again. Raises ConfigurationError where it is of no use.

        What is returned makes all clients trust it from then on.
        """
        plain = client_context(self._settings.ca_file)
        others = [
            (client, client_context(self._settings.ca_file, identity))
            for client, identity in self._by_identity.values()
        ]

        def apply() -> None:
            for client, context in ((self._plain, plain), *others):
                client.renew(context)

        return apply

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._plain, *(client for client, _ in self._by_identity.values())):
            await client.aclose()
