"""Submissions by the cheapest client, everything else by httpx: two clients of one TLS identity behind one port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.transport.client import AiohttpBackedClient
from worker.transport.httpx_client import HttpxClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import Coroutine, Mapping

    from worker.transport.port import Answer, Handshake, SendGuard, Sink, Streamed
    from worker.transport.settings import TransportSettings


class DispatchingClient:
    """The transport port's HttpClient. What has a guard is a submission, or a look-up for one; what has a file may be.

    Tokens, nomenclatures and probes have neither. The two kinds share no connection.
    """

    def __init__(
        self, settings: TransportSettings, context: ssl.SSLContext, *, plain_http: bool = False
    ) -> None:
        """Make a client that takes https addresses alone, or with `plain_http` also http."""
        self._submissions = AiohttpBackedClient(settings, context, plain_http=plain_http)
        self._others = HttpxClient(settings, context, plain_http=plain_http)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | Streamed = b"",
        reuse: bool = True,
        guard: SendGuard | None = None,
        sink: Sink | None = None,
    ) -> Coroutine[Any, Any, Answer]:
        """Send once and return the answer. Raises DeliveryError, SendRefused, and ValueError for other schemes."""
        in_memory = isinstance(content, bytes) and sink is None
        client = self._others if guard is None and in_memory else self._submissions
        return client.request(
            method, url, headers=headers, content=content, reuse=reuse, guard=guard, sink=sink
        )

    async def handshake(self, url: str) -> Handshake:
        """Connect with the certificate and trust of both, and send nothing. Raises DeliveryError."""
        return await self._submissions.handshake(url)

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another certificate or other trusted authorities for new requests; those under way end as they began."""
        self._submissions.renew(context)
        self._others.renew(context)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._submissions.aclose()
        await self._others.aclose()
