"""What proves to a provider who Herald is, as it is in the worker's files: no copy of the journal has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.signing.port import SigningFailed
from worker.signing.remote.secret_settings import secret_of

if TYPE_CHECKING:
    from worker.signing.csc.settings import CscSigner


async def client_key(settings: CscSigner) -> bytes:
    """Return the client's secret, or the key file where the certificate alone proves it. Raises SigningFailed."""
    if settings.service_auth != "tls" or settings.client_certificate is None:
        secret = await secret_of(settings.client_secret_file, settings.client_secret, "client secret file")
        return secret.encode()
    path = settings.client_certificate.key_file
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise SigningFailed(
            f"the key file {path} cannot be read: {error.strerror}", transient=False
        ) from None
