"""The certificates by which SHEP's answers are known, read from files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from worker.signing.certificates import validity_problem
from worker.signing.gost.certificate import gost_public_key
from worker.signing.keys.pkcs12 import LEAST_KEY_BITS
from worker.systems.port import TrustedCertificate

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_PEM = b"-----BEGIN CERTIFICATE-----"
SOON = timedelta(days=30)


class BadPin(Exception):
    """A file is no certificate that can be used; the message is a plain sentence."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned certificate and its file."""

    file: Path
    certificate: x509.Certificate

    def told(self) -> TrustedCertificate:
        """Return what an operator is told of it."""
        label = f"{self.file} (serial number {self.certificate.serial_number:x})"
        return TrustedCertificate(label, self.certificate.not_valid_after_utc)

    def problem(self, now: datetime) -> str | None:
        """Say that it is not valid, or not for long any more; None where all is well."""
        end = self.certificate.not_valid_after_utc
        soon = f"the certificate ends on {end:%Y-%m-%d %H:%M} UTC" if end - now < SOON else None
        return validity_problem(self.certificate, now) or soon


def load_pinned(path: Path) -> list[Pin]:
    """Return the certificates in a PEM file, or the one in a DER file. Raises BadPin."""
    pins = [Pin(path, certificate) for certificate in _certificates(path)]
    for pin in pins:
        if problem := _key_problem(pin.certificate):
            raise BadPin(f"the file {path} has a certificate that no answer can be checked with: {problem}")
    return pins


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()
        if _PEM in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except OSError as error:
        raise BadPin(f"the file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadPin(f"the file {path} is no certificate, neither PEM nor DER") from None


def _key_problem(certificate: x509.Certificate) -> str | None:
    if gost_public_key(certificate) is not None:
        return None
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "its key is neither RSA nor GOST 2015 with 512 bits"
    if not isinstance(key, RSAPublicKey):
        return "its key is neither RSA nor GOST 2015 with 512 bits"
    if key.key_size < LEAST_KEY_BITS:
        return f"its RSA key has {key.key_size} bits; at least {LEAST_KEY_BITS} are needed"
    return None
