"""A signing identity as TLS needs it: the certificate chain, and the key encrypted with a one-time password."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from contracts.immutable import immutable

if TYPE_CHECKING:
    from worker.signing.algorithms import PrivateKey


@immutable
class TlsIdentity:
    """``certificates``: PEM, the leaf first, then its issuers as far as they are known."""

    certificates: bytes
    key: PrivateKey = field(repr=False)

    def encrypted_key(self, password: bytes) -> bytes:
        """Return the key as PKCS#8 PEM, encrypted: it is never written anywhere in the clear."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
