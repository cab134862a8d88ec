"""The registered signers: certificates, and the UIN of each (for which NHIS asks the physicians' register, BLS)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from sandbox.nhis.signatures import fingerprint


@dataclass(frozen=True, slots=True)
class Signer:
    """A registered signer."""

    name: str
    uin: str
    certificate: x509.Certificate


class Signers:
    """Registered signers by certificate."""

    def __init__(self) -> None:
        self._by_fingerprint: dict[str, Signer] = {}

    def register(self, name: str, uin: str, certificate_pem: bytes) -> Signer:
        """Register a certificate with a UIN, replacing what was. Raises ValueError for a broken PEM."""
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        signer = Signer(name, uin, certificate)
        self._by_fingerprint[fingerprint(certificate)] = signer
        return signer

    def of(self, certificate: x509.Certificate) -> Signer | None:
        """Return the signer whose certificate this is."""
        return self._by_fingerprint.get(fingerprint(certificate))
