"""What both HTTP clients have in common: their pools, of one TLS identity, and the addresses that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from worker.transport.deadlines import Deadlines
from worker.transport.handshake import handshake
from worker.transport.pools import Pool, Pools

if TYPE_CHECKING:
    import ssl

    from worker.transport.pools import MakesPools
    from worker.transport.port import Handshake
    from worker.transport.settings import TransportSettings

P = TypeVar("P", bound=Pool)


class PooledClient(Generic[P]):
    """The part of the transport port's HttpClient that sends nothing."""

    def __init__(
        self, settings: TransportSettings, make: MakesPools[P], context: ssl.SSLContext, *, plain_http: bool
    ) -> None:
        self._settings = settings
        self._schemes = ("https", "http") if plain_http else ("https",)
        self._pools = Pools(make, context)
        self._deadlines = Deadlines()

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another certificate or other trusted authorities for new requests; those under way end as they began."""
        self._pools.renew(context)

    async def handshake(self, url: str) -> Handshake:
        """Connect with this client's certificate and trust, and send nothing. Raises DeliveryError."""
        return await handshake(url, self._pools.context, seconds=self._settings.connect_timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pools.aclose()
