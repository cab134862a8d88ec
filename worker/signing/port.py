"""The signing port: a key that signs bytes, and the certificate that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cryptography import x509


class SigningFailed(Exception):
    """The key could not sign; the message says what to check, never a PIN or key material."""

    def __init__(self, detail: str, *, transient: bool) -> None:
        super().__init__(detail)
        self.transient = transient


class SigningKey(Protocol):
    """One signing identity (KEP): RSA PKCS#1 v1.5 with SHA-256 over the given bytes."""

    name: str
    certificate: x509.Certificate

    async def sign(self, data: bytes) -> bytes:
        """Return the raw signature over `data`. Raises SigningFailed."""


SigningKeys = Mapping[str, SigningKey]


class DocumentSigner(Protocol):
    """A signing identity that is given a whole document and returns it signed, where the key port is too narrow.

    A server that holds algorithms which no library here has (GOST by NCANode) signs this way.
    """

    name: str

    async def sign_document(self, document: bytes) -> bytes:
        """Return the signed document, to be sent byte for byte as it is. Raises SigningFailed."""


DocumentSigners = Mapping[str, DocumentSigner]
"""The identities that sign whole documents, by name."""
