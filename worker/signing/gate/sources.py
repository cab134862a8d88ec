"""Where it is learned whether a certificate is revoked: lists in files or at addresses, and OCSP responders."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import AuthorityInformationAccessOID

from worker.signing.gate import crl, ocsp
from worker.signing.gate.cached import Cached
from worker.signing.gate.crl import Unusable
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cryptography.x509 import Certificate, CertificateRevocationList
    from pydantic import HttpUrl

    from worker.signing.gate.ocsp import Stated
    from worker.transport.port import Answer, HttpClient

_OK = 200
_OCSP = {"content-type": "application/ocsp-request", "accept": "application/ocsp-response"}


class Source(Protocol):
    """Says whether certificates are revoked."""

    async def revoked_at(self, certificate: Certificate, issuer: Certificate) -> datetime | None:
        """Return since when it is revoked, None where it is good. Raises Unusable where that is not known."""

    async def close(self) -> None:
        """End requests under way."""


class Lists:
    """Revocation lists, each held until it ends and read again before that."""

    def __init__(
        self, places: Sequence[HttpUrl | Path], client: HttpClient, *, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._clock = clock
        self._why: dict[str, str] = {}
        self._lists = [Cached(partial(self._fetch, place), clock=clock) for place in places]

    async def revoked_at(self, certificate: Certificate, issuer: Certificate) -> datetime | None:
        """Look it up in the lists of its authority; an authority that renewed its key has one by each."""
        good, told = False, []
        for found in await asyncio.gather(*(one.get() for one in self._lists)):
            if found is None or found.issuer != issuer.subject:
                continue
            try:
                since = crl.revoked_at(found, certificate, issuer, self._clock())
            except Unusable as problem:
                told.append(str(problem))
                continue
            if since is not None:
                return since
            good = True
        if good:
            return None
        raise Unusable("; ".join([*self._why.values(), *told]) or "no list is of the certificate's authority")

    async def close(self) -> None:
        """End requests under way."""
        await asyncio.gather(*(one.close() for one in self._lists))

    async def _fetch(self, place: HttpUrl | Path) -> tuple[CertificateRevocationList, datetime] | None:
        try:
            content = await self._read(place)
            found = await asyncio.to_thread(crl.read_crl, content)
            end = self._end_of(found)
        except Unusable as problem:
            self._why[str(place)] = f"{place}: {problem}"
            return None
        self._why.pop(str(place), None)
        return found, end

    def _end_of(self, found: CertificateRevocationList) -> datetime:
        end = crl.ends(found)
        if end <= self._clock():
            raise Unusable(f"it ended on {end:%Y-%m-%d %H:%M} UTC")
        return end

    async def _read(self, place: HttpUrl | Path) -> bytes:
        if isinstance(place, Path):
            try:
                return await asyncio.to_thread(place.read_bytes)
            except OSError as error:
                raise Unusable(f"it cannot be read ({error.strerror})") from None
        return await _body(self._client, "GET", str(place), {"accept": "*/*"})


class Responders:
    """OCSP responders: each certificate's answer is held until it ends, and asked for again before that."""

    def __init__(self, url: HttpUrl | None, client: HttpClient, *, clock: Callable[[], datetime]) -> None:
        self._url = None if url is None else str(url)
        self._client = client
        self._clock = clock
        self._why: dict[bytes, str] = {}
        self._answers: dict[bytes, Cached[Stated]] = {}

    async def revoked_at(self, certificate: Certificate, issuer: Certificate) -> datetime | None:
        """Return what its responder has answered."""
        mark = certificate.fingerprint(SHA256())
        if mark not in self._answers:
            fetch = partial(self._fetch, mark, certificate, issuer)
            self._answers[mark] = Cached(fetch, clock=self._clock)
        answer = await self._answers[mark].get()
        if answer is None:
            raise Unusable(self._why.get(mark, "the responder has not answered"))
        return answer.revoked_at

    async def close(self) -> None:
        """End requests under way."""
        await asyncio.gather(*(one.close() for one in self._answers.values()))

    async def _fetch(
        self, mark: bytes, certificate: Certificate, issuer: Certificate
    ) -> tuple[Stated, datetime] | None:
        try:
            url = self._url or _named_by(certificate)
            content = await _body(self._client, "POST", url, _OCSP, ocsp.request(certificate, issuer))
            found = ocsp.stated(content, certificate, issuer, self._clock())
        except Unusable as problem:
            self._why[mark] = f"OCSP: {problem}"
            return None
        return found, found.ends


def _named_by(certificate: Certificate) -> str:
    """Return the responder that the certificate names. Raises Unusable."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except Exception:  # noqa: BLE001 - no such extension, or none that can be read
        access = x509.AuthorityInformationAccess([])
    for one in access:
        place = one.access_location
        if one.access_method == AuthorityInformationAccessOID.OCSP and isinstance(
            place, x509.UniformResourceIdentifier
        ):
            return place.value
    raise Unusable("the certificate names no responder: set signing.revocation.ocsp_url")


async def _body(
    client: HttpClient, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
) -> bytes:
    """Return the body of a whole answer with status 200. Raises Unusable."""
    try:
        answer: Answer = await client.request(method, url, headers=headers, content=content, reuse=False)
    except (DeliveryError, ValueError) as error:
        reason = error.reason if isinstance(error, DeliveryError) else "its address cannot be used"
        raise Unusable(f"no answer ({reason})") from None
    if answer.status != _OK or answer.truncated:
        raise Unusable("its answer is too long" if answer.truncated else f"status {answer.status}")
    return answer.body
