"""Whether a signer's certificate is revoked, and what follows where that is not known."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256

from worker.signing.gate.crl import Unusable
from worker.signing.gate.sources import Lists, Responders
from worker.signing.port import SigningFailed
from worker.transport.httpx_client import HttpxClient
from worker.transport.settings import TransportSettings
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography.x509 import Certificate

    from worker.signing.gate.settings import RevocationSettings
    from worker.signing.gate.sources import Source
    from worker.transport.port import HttpClient

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 100
"""To one authority: a check of all signers asks about all their certificates together."""


class Revocation:
    """Asks a source about each certificate, by what it holds: a certificate is asked about at its first signature.

    ``sign_unknown``: whether a certificate signs whose status is not known.
    """

    def __init__(self, source: Source, client: HttpClient, *, sign_unknown: bool) -> None:
        self._source = source
        self._client = client
        self._sign_unknown = sign_unknown
        self._told: dict[bytes, str] = {}
        """What was last found wrong, by certificate."""
        self._revoked: dict[bytes, str] = {}
        """The certificates that are revoked: one stays so while its status is not known."""
        self._doubted: set[bytes] = set()
        """The certificates that sign although their status is not known: each is logged once."""

    def known_problem(self, certificate: Certificate) -> str | None:
        """Return what was last found wrong with it, without asking anybody."""
        return self._told.get(certificate.fingerprint(SHA256()))

    async def problem(self, certificate: Certificate, issuer: Certificate | None) -> str | None:
        """Return a plain sentence where the certificate is revoked, else None.

        Raises SigningFailed (transient) where its status is not known and it must not sign then.
        """
        mark = certificate.fingerprint(SHA256())
        try:
            since = await self._asked(certificate, issuer)
        except Unusable as unknown:
            if mark not in self._revoked:
                self._unknown(mark, certificate, unknown)
            return self._revoked.get(mark)
        self._doubted.discard(mark)
        if since is None:
            self._told.pop(mark, None)
            self._revoked.pop(mark, None)
            return None
        self._told[mark] = self._revoked[mark] = f"the certificate was revoked on {since:%Y-%m-%d %H:%M} UTC"
        return self._revoked[mark]

    async def close(self) -> None:
        """End requests under way, and close the connections."""
        await self._source.close()
        await self._client.aclose()

    async def _asked(self, certificate: Certificate, issuer: Certificate | None) -> datetime | None:
        if issuer is None:
            raise Unusable("the certificate of its authority is not known")
        return await self._source.revoked_at(certificate, issuer)

    def _unknown(self, mark: bytes, certificate: Certificate, unknown: Unusable) -> None:
        problem = f"it is not known whether the certificate is revoked: {unknown}"
        if not self._sign_unknown:
            self._told[mark] = problem
            raise SigningFailed(problem, transient=True)
        self._told.pop(mark, None)
        if mark not in self._doubted:
            self._doubted.add(mark)
            serial = f"certificate serial number {certificate.serial_number:x}"
            log.warning("a signer signs unchecked", extra={"detail": f"{serial}: {problem}"})


def make_revocation(settings: RevocationSettings, *, clock: Callable[[], datetime]) -> Revocation:
    """Make it from its settings; nobody is asked yet."""
    transport = TransportSettings(
        connect_timeout=settings.timeout,
        answer_timeout=settings.timeout,
        total_timeout=settings.timeout,
        max_answer_bytes=settings.max_bytes,
        max_connections=MOST_CONNECTIONS,
    )
    # Lists and answers are signed by themselves, and most authorities offer them without TLS.
    client = HttpxClient(transport, client_context(None), plain_http=True)
    source: Source
    if settings.by == "crl":
        source = Lists(settings.crls, client, clock=clock)
    else:
        source = Responders(settings.ocsp_url, client, clock=clock)
    return Revocation(source, client, sign_unknown=settings.when_unknown == "sign")
