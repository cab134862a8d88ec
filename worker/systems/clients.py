"""The HTTP clients of a system: one for all signers, or one for each signer that its TLS certificate must name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from worker.configuration_error import ConfigurationError
from worker.signing.port import TlsKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.reloading.reloadable import Apply
    from worker.signing.port import DigestSigners
    from worker.transport.clients import HttpClients
    from worker.transport.port import HttpClient


class Clients(Protocol):
    """HTTP clients by use."""

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signers that have no client, as plain sentences."""

    def services(self) -> HttpClient:
        """Return the client for the services, which ask for no client certificate."""

    def authorisation(self, signer: str) -> HttpClient:
        """Return the client that gets this signer's tokens."""

    def renewal(self, signer: str, key: TlsKey) -> Apply:
        """Load this signer's new certificate; what is returned lets its client show it. Raises ConfigurationError."""

    def trust(self) -> Apply:
        """Load the CA file again; what is returned lets all clients trust it. Raises ConfigurationError."""

    async def aclose(self) -> None:
        """Close all of them."""


class PlainClients:
    """One client without a certificate: tokens are got by signed challenges."""

    problems: Mapping[str, str] = MappingProxyType({})

    def __init__(self, http: HttpClients) -> None:
        self._http = http

    def services(self) -> HttpClient:
        """Return the one client there is."""
        return self._http.plain()

    def authorisation(self, signer: str) -> HttpClient:
        """Return the one client there is, for every signer."""
        del signer
        return self._http.plain()

    def renewal(self, signer: str, key: TlsKey) -> Apply:
        """Do nothing: no certificate is shown."""
        del signer, key
        return lambda: None

    def trust(self) -> Apply:
        """Load the CA file again. Raises ConfigurationError."""
        return self._http.trust()

    async def aclose(self) -> None:
        """Close it."""
        await self._http.aclose()


class SignerClients:
    """Clients that show each signer's certificate to the services.

    ``problems`` has a plain sentence for each signer whose certificate TLS does not take: it has no client.
    """

    def __init__(self, http: HttpClients, keys: Mapping[str, TlsKey]) -> None:
        self._http = http
        self._by_signer: dict[str, HttpClient] = {}
        self.problems: dict[str, str] = {}
        for signer, key in keys.items():
            try:
                self._by_signer[signer] = http.with_identity(signer, key.tls_identity())
            except ConfigurationError as bad:
                self.problems[signer] = str(bad)

    def of(self, signer: str) -> HttpClient:
        """Return the client that shows this signer's certificate."""
        return self._by_signer[signer]

    def renewal(self, signer: str, key: TlsKey) -> Apply:
        """Load this signer's new certificate. Raises ConfigurationError."""
        show = self._http.renewal(signer, key.tls_identity())

        def apply() -> None:
            self._by_signer[signer] = show()
            self.problems.pop(signer, None)

        return apply

    def trust(self) -> Apply:
        """Load the CA file again. Raises ConfigurationError."""
        return self._http.trust()

    def any(self) -> HttpClient:
        """Return a client for probes: that of some signer, or the plain one where there is no signer."""
        return next(iter(self._by_signer.values()), self._http.plain())

    async def aclose(self) -> None:
        """Close all of them."""
        await self._http.aclose()


class MutualTlsClients:
    """Clients that show each signer's certificate where tokens are got; an unusable one is reported at start."""

    def __init__(self, http: HttpClients, keys: Mapping[str, TlsKey]) -> None:
        self._http = http
        self._signers = SignerClients(http, keys)

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with those that TLS does not take, as plain sentences: they have no client."""
        return self._signers.problems

    def services(self) -> HttpClient:
        """Return the client without a certificate."""
        return self._http.plain()

    def authorisation(self, signer: str) -> HttpClient:
        """Return the client that shows this signer's certificate."""
        return self._signers.of(signer)

    def renewal(self, signer: str, key: TlsKey) -> Apply:
        """Load this signer's new certificate. Raises ConfigurationError."""
        return self._signers.renewal(signer, key)

    def trust(self) -> Apply:
        """Load the CA file again. Raises ConfigurationError."""
        return self._http.trust()

    async def aclose(self) -> None:
        """Close all of them."""
        await self._http.aclose()


def without_tls(keys: DigestSigners, signers: Iterable[str]) -> list[str]:
    """Return the signers whose keys sign but cannot be TLS client certificates."""
    return [signer for signer in signers if signer in keys and not isinstance(keys[signer], TlsKey)]
