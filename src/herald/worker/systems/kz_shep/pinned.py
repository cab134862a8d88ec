"""The certificates by which SHEP's answers are known, read from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from pathlib import Path

_PEM = b"-----BEGIN CERTIFICATE-----"


class BadPin(Exception):
    """A file is no certificate; the message is a plain sentence."""


def load_pinned(path: Path) -> list[x509.Certificate]:
    """Return the certificates in a PEM file, or the one in a DER file. Raises BadPin."""
    try:
        content = path.read_bytes()
        if _PEM in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except OSError as error:
        raise BadPin(f"the file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadPin(f"the file {path} is no certificate, neither PEM nor DER") from None
