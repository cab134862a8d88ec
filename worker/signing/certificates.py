"""The checks of a certificate before Herald uses it, its chain, and its name in logs and replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from worker.signing.port import SigningKey


def named(key: SigningKey) -> str:
    """Return a plain phrase for a signer's certificate: its serial number, never the person in its subject.

    The subject of a Bulgarian qualified certificate holds the person's EGN: it stays out of logs and replies.
    """
    return f'signer "{key.name}" (certificate serial number {key.certificate.serial_number:x})'


def validity_problem(certificate: x509.Certificate, now: datetime) -> str | None:
    """Return a plain sentence where the certificate is not valid at `now`, else None."""
    if now > certificate.not_valid_after_utc:
        return f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if now < certificate.not_valid_before_utc:
        return f"the certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    return None


def usage_problem(certificate: x509.Certificate) -> str | None:
    """Return a plain sentence where KeyUsage (RFC 5280, 4.2.1.3) forbids signatures, else None.

    A qualified certificate may carry nonRepudiation (contentCommitment) alone: that is a signature too. A
    certificate without the extension is not restricted.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if usage.digital_signature or usage.content_commitment:
        return None
    return "the certificate's KeyUsage allows neither digitalSignature nor nonRepudiation"


def chain(leaf: x509.Certificate, others: Iterable[x509.Certificate]) -> Iterator[x509.Certificate]:
    """Yield the leaf and then its issuers, in the order that TLS sends; a PKCS#12 file has them in any order."""
    by_subject = {other.subject: other for other in others}
    current: x509.Certificate | None = leaf
    while current is not None:
        yield current
        current = by_subject.pop(current.issuer, None)
