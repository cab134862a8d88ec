"""One request to a provider and its answer as JSON, bounded. Signing has no outside effect: it may be repeated."""

from __future__ import annotations

import asyncio
import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.signing.port import SigningFailed
from worker.signing.remote.client_certificate import read_client_certificate
from worker.transport.client import AiohttpBackedClient
from worker.transport.port import DeliveryError, SendRefused
from worker.transport.settings import TransportSettings
from worker.transport.status_classes import SERVER_ERROR, SUCCESSFUL
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.signing.remote.settings import RemoteSigner
    from worker.transport.port import Answer, HttpClient, SendGuard

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""More than a thousand signatures, or a chain of certificates, take."""
LONGEST_CONNECT = 10.0
_TRY_AGAIN = frozenset({408, 425, 429})


@immutable
class Reply:
    """A provider's answer. ``content`` is its JSON object; empty for anything else, never shown."""

    status: int
    content: Mapping[str, Any] = field(repr=False)

    @property
    def successful(self) -> bool:
        """Whether the status says success."""
        return self.status in SUCCESSFUL

    @property
    def passing(self) -> bool:
        """Whether the status says that the same request may succeed later."""
        return self.status in SERVER_ERROR or self.status in _TRY_AGAIN

    def text(self, name: str) -> str:
        """Return a text of the answer; empty where there is none."""
        value = self.content.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts of the answer, without what is no text."""
        value = self.content.get(name)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


class Exchange:
    """The requests of one signer to its provider. The connections are made with the first one."""

    def __init__(
        self, settings: RemoteSigner, connect: Callable[[RemoteSigner], HttpClient] | None = None
    ) -> None:
        """Make it without I/O; ``connect`` makes another client than the usual one."""
        self._settings = settings
        self._connect = connect or connected
        self._client: HttpClient | None = None
        self._connecting = asyncio.Lock()

    async def post_json(
        self,
        url: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        *,
        guard: SendGuard | None = None,
    ) -> Reply:
        """Send a JSON object. Raises SigningFailed where no whole answer came.

        With a ``guard`` it is never sent a second time, not even where a kept connection had ended.
        """
        sent = {"content-type": "application/json", "accept": "application/json", **headers}
        return await self._post(url, json.dumps(body).encode(), sent, guard)

    async def post_form(
        self, url: str, body: bytes, headers: Mapping[str, str], *, guard: SendGuard
    ) -> Reply:
        """Send a form that is encoded already, once. Raises SigningFailed where no whole answer came."""
        sent = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
            **headers,
        }
        return await self._post(url, body, sent, guard)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], guard: SendGuard | None
    ) -> Reply:
        client = await self._connected()
        try:
            return _reply(await _sent(client, url, body, headers, guard))
        except DeliveryError as error:
            raise SigningFailed(f"no answer from the provider: {error}", transient=True) from None
        except SendRefused:
            raise SigningFailed("the signer is being closed", transient=True) from None

    async def _connected(self) -> HttpClient:
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._connect, self._settings)
                except ConfigurationError as bad:
                    raise SigningFailed(str(bad), transient=False) from None
            return self._client

    def __repr__(self) -> str:
        return "Exchange()"


def connected(settings: RemoteSigner) -> HttpClient:
    """Return a client for a provider. Reads files. Raises ConfigurationError."""
    shown = settings.client_certificate
    identity = None if shown is None else read_client_certificate(shown)
    transport = TransportSettings(
        connect_timeout=min(settings.timeout, LONGEST_CONNECT),
        answer_timeout=settings.timeout,
        total_timeout=settings.timeout,
        max_answer_bytes=MAX_ANSWER_BYTES,
    )
    return AiohttpBackedClient(transport, client_context(settings.ca_file, identity))


async def _sent(
    client: HttpClient, url: str, body: bytes, headers: Mapping[str, str], guard: SendGuard | None
) -> Answer:
    """Return the answer. Raises DeliveryError and SendRefused."""
    once = guard is not None
    try:
        return await client.request("POST", url, headers=headers, content=body, reuse=not once, guard=guard)
    except DeliveryError as error:
        if once or error.reason != "connection-lost":
            raise
        # The provider closed a kept connection at the moment of the request.
        return await client.request("POST", url, headers=headers, content=body, reuse=False)


def _reply(answer: Answer) -> Reply:
    if answer.truncated:
        raise SigningFailed("the provider's answer is too long", transient=False)
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    return Reply(answer.status, content if isinstance(content, dict) else {})
