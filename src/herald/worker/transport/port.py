"""The transport port: one HTTPS exchange, bounded, and the one fact that recovery needs: did a byte leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came. ``truncated``: the body was longer than the limit and was cut there."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    truncated: bool = False


class DeliveryError(Exception):
    """No whole answer came. ``sent`` is False only if it is certain that no byte of the request left.

    ``reason`` is a stable code: connection-refused, dns-failure, tls-failure, connect-timeout, answer-timeout,
    connection-lost, answer-broken.
    """

    def __init__(self, reason: str, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.sent = sent


class HttpClient(Protocol):
    """One TLS identity's connections."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        reuse: bool = True,
    ) -> Answer:
        """Send once. Raises DeliveryError. Header names of the answer are lower case.

        ``reuse=False`` opens a fresh connection: an idle one that the peer has just closed would leave the
        outcome of a message unknown that may not be repeated.
        """

    async def aclose(self) -> None:
        """Close the connections."""
