"""HTTP over TLS written by hand: what is sent is exactly what a test says."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.sandbox.epayment.calls import FORM


@dataclass(frozen=True)
class Answer:
    """What came back: the status, headers in small letters, the body as far as it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool


async def exchange(
    url, ca_file, body=b"", *, method="POST", media=FORM, certificate=None, timeout=5.0
) -> Answer:
    """Send one request on a connection of its own. Raises OSError, EOFError, TimeoutError."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=ca_file)
    if certificate is not None:
        context.load_cert_chain(certificate)
    head = [
        f"{method} {parts.path or '/'} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Type: {media}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port, ssl=context, server_hostname=parts.hostname
        )
        try:
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            await writer.drain()
            return _read(await reader.read())
        finally:
            writer.close()


def _read(came: bytes) -> Answer:
    head, found, body = came.partition(b"\r\n\r\n")
    if not found:
        raise EOFError("the connection ended without an answer")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    return Answer(int(first.split()[1]), headers, body, len(body) == int(headers.get("content-length", "0")))
