"""What a certificate must be before Herald uses it, how far its chain is known, and how it is named.

`cryptography` reads a certificate's parts when they are asked for, and raises then. Herald never asks for the names in
one, which nothing needs; the other parts are read once, here, when the certificate is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import PublicKeyAlgorithmOID

from worker.signing.key_usage import allows_signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from worker.signing.port import DigestSigner


_BEGIN = b"-----BEGIN CERTIFICATE-----"


def pem_certificates(content: bytes) -> list[x509.Certificate]:
    """Return all certificates of a PEM file. Raises ValueError where there is none, and where one is cut off.

    `cryptography` passes over one without an end: of a file that is still being written, or whose disk was full,
    it would read the first certificates, and the later ones would be missing without a word.
    """
    found = x509.load_pem_x509_certificates(content)
    if content.count(_BEGIN) > len(found):
        raise ValueError("a certificate is cut off")
    return found


def named(signer: DigestSigner) -> str:
    """Return a plain phrase for a signer and its certificate: the serial number, never the person in its subject.

    The subject of a Bulgarian qualified certificate holds the person's EGN: it stays out of logs and replies.
    """
    known = signer.known
    serial = f" (certificate serial number {known.certificate.serial_number:x})" if known else ""
    return f'signer "{signer.name}"{serial}'


def validity_problem(certificate: x509.Certificate, now: datetime) -> str | None:
    """Return a plain sentence where the certificate is not valid at `now`, else None."""
    if now > certificate.not_valid_after_utc:
        return f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if now < certificate.not_valid_before_utc:
        return f"the certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    return None


def unreadable_part(certificate: x509.Certificate) -> str | None:
    """Return a plain sentence where a part that is used later cannot be read, the validity or the key; else None."""
    if problem := unreadable_validity(certificate):
        return problem
    return "the certificate's public key cannot be read" if public_key_of(certificate) is None else None


def unreadable_validity(certificate: x509.Certificate) -> str | None:
    """Return a plain sentence where the dates between which it is valid cannot be read, else None."""
    try:
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return "the certificate's validity cannot be read"
    return None


def public_key_of(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    """Return the public key; None where it cannot be read, as those of GOST."""
    try:
        return certificate.public_key()
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return None


def usage_problem(certificate: x509.Certificate) -> str | None:
    """Return a plain sentence where KeyUsage forbids signatures or is malformed, else None."""
    try:
        allowed = allows_signatures(certificate)
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return "the certificate's KeyUsage is malformed; ask its authority for another certificate"
    return (
        None if allowed else "the certificate's KeyUsage allows neither digitalSignature nor nonRepudiation"
    )


def pss_problem(certificate: x509.Certificate) -> str | None:
    """Return a plain sentence where the key is restricted to RSA-PSS (RFC 4055), else None."""
    if certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
        return "its key is restricted to RSA-PSS, but Herald's signatures are PKCS#1 v1.5"
    return None


def chain(leaf: x509.Certificate, others: Iterable[x509.Certificate]) -> Iterator[x509.Certificate]:
    """Yield the leaf and then its issuers, in the order that TLS sends; a PKCS#12 file has them in any order.

    Of several issuers with one name the one whose key verifies is taken, and of those the one that ends last.
    """
    left = list(others)
    current: x509.Certificate | None = leaf
    while current is not None:
        yield current
        left = [other for other in left if other != current]
        current = _issuer(current, left)


def _issuer(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> x509.Certificate | None:
    found = [other for other in others if _issued(other, certificate) and unreadable_part(other) is None]
    return max(found, key=lambda one: one.not_valid_after_utc, default=None)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the names fit, and the signature as far as it can be checked. Names are compared as bytes."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError):
        return False
    except Exception:  # noqa: BLE001 - an algorithm that is not known here: the names did fit
        return True
    return True
