"""What a certificate revocation list (RFC 5280, 5) says of a certificate. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from datetime import datetime

_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier)


class Unusable(Exception):
    """A list or an answer says nothing that can be relied on; the message says why, in a few words."""


def read_crl(content: bytes) -> x509.CertificateRevocationList:
    """Return the list, in DER or PEM. Raises Unusable."""
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(content)
        return x509.load_der_x509_crl(content)
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        raise Unusable("it is not a revocation list in DER or PEM") from None


def ends(crl: x509.CertificateRevocationList) -> datetime:
    """Return when the list ends (UTC). Raises Unusable where it does not say."""
    if crl.next_update_utc is None:
        raise Unusable("it does not say when the next list comes")
    return crl.next_update_utc


def revoked_at(
    crl: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> datetime | None:
    """Return since when the list revokes the certificate, None where it does not. Raises Unusable."""
    if crl.issuer != issuer.subject or certificate.issuer != issuer.subject:
        raise Unusable("it is not of the certificate's authority")
    if not _signed_by(crl, issuer):
        raise Unusable("its signature is not the authority's")
    if now < crl.last_update_utc or now >= ends(crl):
        raise Unusable("it does not hold at this time")
    # A critical extension that is not understood, such as the mark of a delta list, changes what the list means.
    if any(one.critical and not isinstance(one.value, _UNDERSTOOD) for one in crl.extensions):
        raise Unusable("it is a delta or partial list, which is not understood")
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return None if entry is None else entry.revocation_date_utc


def _signed_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # TypeError for other kinds
    except Exception:  # noqa: BLE001 - an algorithm or key that is not known here
        return False
