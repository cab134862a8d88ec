"""Access by the certificate that was shown in the TLS handshake, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """A registered certificate: the signer's name in the sandbox, and the certificate's serial number."""

    name: str
    serial: str


class Register:
    """The certificates that NHIF knows, by name; each is DER."""

    def __init__(self, certificates: Mapping[str, bytes]) -> None:
        self._names = {der: name for name, der in certificates.items()}
        self._out: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """All names there are."""
        return frozenset(self._names.values())

    def leave_out(self, names: Iterable[str]) -> None:
        """Treat these as unregistered from now on, and all others as registered."""
        self._out = frozenset(names)

    def visitor(self, certificate: bytes | None, now: datetime) -> Visitor | None:
        """Return the certificate's owner; None without a certificate that is registered and valid now."""
        name = self.name_of(certificate)
        if certificate is None or name is None:
            return None
        read = x509.load_der_x509_certificate(certificate)
        if not read.not_valid_before_utc <= now <= read.not_valid_after_utc:
            return None
        return Visitor(name, f"{read.serial_number:x}")

    def name_of(self, certificate: bytes | None) -> str | None:
        """Return the name that the certificate is registered under, valid or not."""
        name = self._names.get(certificate) if certificate is not None else None
        return None if name in self._out else name
