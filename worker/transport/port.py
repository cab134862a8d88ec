"""The transport port: one HTTPS exchange, bounded, and the one fact that recovery needs: did a byte leave."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from worker.text_encoding import charset_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from datetime import datetime
    from ssl import SSLContext


@immutable
class Answer:
    """An HTTP answer as it came. ``truncated``: the body was longer than the limit and was cut there.

    ``evidence`` is kept and shown in place of ``body`` where that repeats a secret.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    truncated: bool = False
    evidence: bytes | None = field(default=None, repr=False)
    saved: bool = False
    """The body went to the request's ``sink`` in place of ``body``, all of it."""

    @property
    def charset(self) -> str | None:
        """The charset that its Content-Type names."""
        return charset_in(self.headers.get("content-type", ""))

    def kept(self) -> Answer:
        """Return what may be kept and shown of it."""
        return self if self.evidence is None else replace(self, body=self.evidence, evidence=None)


@immutable
class Handshake:
    """What a server showed. ``protocol`` is None where the address is `http` and nothing is encrypted.

    ``ends`` is the end of its certificate's validity, None where it cannot be read.
    """

    address: str
    protocol: str | None = None
    ends: datetime | None = None


class DeliveryError(Exception):
    """No whole answer came. ``sent`` is False only if it is certain that no byte of the request left.

    ``reason`` is a stable code: connection-refused, dns-failure, tls-failure, connect-timeout, answer-timeout,
    connection-lost, answer-broken; of files that are sent or saved no-such-file, file-too-large, file-differs,
    file-store-unavailable; defect, where the client itself failed.
    """

    def __init__(self, reason: str, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.sent = sent


class SendRefused(Exception):
    """Right before its first byte the request was not permitted to leave; nothing left."""


class SendGuard:
    """The last check of a request: asked right before its first byte, however long connecting took.

    ``sent`` states afterwards, whatever ended the exchange, whether a byte was possibly sent.
    """

    def __init__(self, permitted: Callable[[], bool]) -> None:
        self._permitted = permitted
        self.sent = False

    def begin(self) -> None:
        """Let the request go. Raises SendRefused where it may not."""
        if not self._permitted():
            raise SendRefused
        self.sent = True


@immutable
class Streamed:
    """The content of a request that is not held in memory: exactly ``size`` bytes, in pieces.

    ``chunks`` is called once for the one attempt to send. Where it fails, or yields another number of bytes, the
    exchange ends in a DeliveryError, as sent: with the reason of the file store's exception, or as a defect.
    """

    size: int
    chunks: Callable[[], AsyncIterator[bytes]] = field(repr=False)


MOST_SAVED_BYTES = 1024 * 1024 * 1024


@immutable
class Sink:
    """Takes the decoded body of an answer with a status of 2xx piece by piece, in place of `Answer.body`.

    ``write`` is called once, and reads to the end. What it raises ends the exchange in a DeliveryError: with the reason
    of the file store's exception, or as a defect. ``limit``: the most bytes, as they come and decoded; what takes less
    (a file store) says so by FileTooLarge.
    """

    write: Callable[[AsyncIterator[bytes]], Awaitable[object]] = field(repr=False)
    limit: int = MOST_SAVED_BYTES


class HttpClient(Protocol):
    """One TLS identity's connections."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | Streamed = b"",
        reuse: bool = True,
        guard: SendGuard | None = None,
        sink: Sink | None = None,
    ) -> Answer:
        """Send once. Raises DeliveryError, or SendRefused by ``guard``. Header names of the answer are lower case.

        ``reuse=False`` opens a fresh connection: an idle one that the peer has just closed would leave the
        outcome of a message unknown that may not be repeated. ``sink``: see there; other answers are read as usual.
        """

    async def handshake(self, url: str) -> Handshake:
        """Connect with this client's certificate and trust, and send nothing. Raises DeliveryError."""

    def renew(self, context: SSLContext) -> None:
        """Use another certificate or other trusted authorities for new requests; those under way end as they began."""

    async def aclose(self) -> None:
        """Close the connections."""
