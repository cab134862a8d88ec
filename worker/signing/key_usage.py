"""KeyUsage read by itself: where another extension of a certificate is malformed, `cryptography` reads none of them."""

from __future__ import annotations

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509.oid import ExtensionOID

_SIGNATURES = 0b1100_0000
"""digitalSignature and nonRepudiation, the first two bits."""


@asn1.sequence
class _Extension:
    kind: x509.ObjectIdentifier
    critical: Annotated[bool, asn1.Default(False)]  # noqa: FBT003 - as the library has it
    value: bytes


@asn1.sequence
class _ToBeSigned:
    """RFC 5280, 4.1, of version 3 with extensions: no other has a KeyUsage."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key_info: asn1.TLV
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[_Extension], asn1.Explicit(3)]


def allows_signatures(certificate: x509.Certificate) -> bool:
    """Whether KeyUsage (RFC 5280, 4.2.1.3) allows signatures; one without it is not restricted. Raises ValueError.

    A qualified certificate may carry nonRepudiation (contentCommitment) alone: that is a signature too.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers: they may not concern KeyUsage
        return _read_alone(certificate)
    return usage.digital_signature or usage.content_commitment


def _read_alone(certificate: x509.Certificate) -> bool:
    extensions = asn1.decode_der(_ToBeSigned, certificate.tbs_certificate_bytes).extensions
    found = [one.value for one in extensions if one.kind == ExtensionOID.KEY_USAGE]
    if len(found) > 1:
        raise ValueError("it has KeyUsage more than once")
    return not found or any(
        byte & _SIGNATURES for byte in asn1.decode_der(asn1.BitString, found[0]).as_bytes()[:1]
    )
