"""The public key of a GOST 2015 certificate: `cryptography` reads the rest of such a certificate, but not its key."""

from __future__ import annotations

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

_KEY_512 = x509.ObjectIdentifier("1.2.398.3.10.1.1.2.2")
_CURVE_512_A = x509.ObjectIdentifier("1.2.398.3.10.1.1.2.2.1")


@asn1.sequence
class _Parameters:
    curve: x509.ObjectIdentifier
    digest: x509.ObjectIdentifier


@asn1.sequence
class _Algorithm:
    name: x509.ObjectIdentifier
    parameters: _Parameters


@asn1.sequence
class _KeyInfo:
    algorithm: _Algorithm
    key: asn1.BitString


@asn1.sequence
class _ToBeSigned:
    """RFC 5280, 4.1, as far as it is needed: version 3 with extensions."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key_info: _KeyInfo
    extensions: Annotated[asn1.TLV, asn1.Explicit(3)]


def gost_public_key(certificate: x509.Certificate) -> bytes | None:
    """Return both coordinates of the key, lowest bytes first; None for a key of another curve than CURVE_512_A."""
    try:
        info = asn1.decode_der(_ToBeSigned, certificate.tbs_certificate_bytes).key_info
        algorithm = info.algorithm
        if (algorithm.name, algorithm.parameters.curve) != (_KEY_512, _CURVE_512_A):
            return None
        return asn1.decode_der(bytes, info.key.as_bytes())
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return None
