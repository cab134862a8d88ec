"""One TLS handshake by itself, as the messages of a client do it: no request is sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509

from worker.transport.failures import Stage, delivery_error
from worker.transport.port import Handshake

if TYPE_CHECKING:
    import ssl
    from datetime import datetime

HTTPS_PORT, HTTP_PORT = 443, 80


def host_and_port(url: str) -> tuple[str, int]:
    """Return where an address leads to."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (HTTP_PORT if parts.scheme == "http" else HTTPS_PORT)


async def handshake(url: str, context: ssl.SSLContext, *, seconds: float) -> Handshake:
    """Connect, verify the server's chain and name, and close. Raises DeliveryError.

    A server that refuses the client certificate may do so only after the handshake, with TLS 1.3.
    """
    host, port = host_and_port(url)
    encrypted = urlsplit(url).scheme == "https"
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(
                host, port, ssl=context if encrypted else None, server_hostname=host if encrypted else None
            )
    except OSError as error:  # TimeoutError, socket.gaierror and ssl.SSLError are OSErrors
        raise delivery_error(error, Stage.CONNECTING, f"{host}:{port}") from None
    try:
        tls = writer.get_extra_info("ssl_object")
        if tls is None:
            return Handshake(f"{host}:{port}")
        return Handshake(f"{host}:{port}", tls.version(), _end_of(tls.getpeercert(binary_form=True)))
    finally:
        writer.transport.abort()
        with suppress(OSError):  # it ends as it was told to; how is of no interest
            await writer.wait_closed()


def _end_of(certificate: bytes | None) -> datetime | None:
    try:
        return (
            None if certificate is None else x509.load_der_x509_certificate(certificate).not_valid_after_utc
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers; TLS has verified it
        return None
