"""Finding the pinned certificates that a signature's KeyInfo names.

KeyInfo is a hint and nothing more: trust comes from the list of pinned certificates, and the signature must then
verify with the key of the one that was found.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from worker.signing.wsse.names import DS, WSSE, X509_V3
from worker.signing.wsse.signed_body import BadSignature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509
    from lxml import etree


def named_certificates(
    key_info: etree._Element, pinned: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return those of `pinned` that are named: in full, or by their serial number. Raises BadSignature for none.

    Issuer names are not compared: each signer's software spells them in its own way, and among a handful of pinned
    certificates the serial number is enough to find one.
    """
    certificates, serials = set(whole_certificates(key_info)), set(_serials(key_info))
    if not certificates and not serials:
        raise BadSignature("The signature's KeyInfo names no certificate in a way that is understood.")
    found = [
        one
        for one in pinned
        if one.public_bytes(Encoding.DER) in certificates
        or (not certificates and one.serial_number in serials)
    ]
    if not found:
        raise BadSignature("The signature's certificate is not one of the pinned certificates.")
    return found


def whole_certificates(key_info: etree._Element) -> Iterator[bytes]:
    """Yield the certificates that stand in it, in DER. Raises BadSignature for what is not base64."""
    identifiers = key_info.iterfind(f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}KeyIdentifier")
    for element in (
        *(identifier for identifier in identifiers if identifier.get("ValueType") == X509_V3),
        *key_info.iter(f"{{{DS}}}X509Certificate"),
    ):
        try:
            yield b64decode((element.text or "").encode().translate(None, b" \t\r\n"), validate=True)
        except (Base64Error, ValueError):
            raise BadSignature("The certificate in the signature's KeyInfo is not base64.") from None


def _serials(key_info: etree._Element) -> Iterator[int]:
    for element in key_info.iterfind(f".//{{{DS}}}X509IssuerSerial/{{{DS}}}X509SerialNumber"):
        digits = (element.text or "").strip()
        # RFC 5280: at most 20 octets, which are 49 digits.
        if digits.isascii() and digits.isdecimal() and len(digits) <= 49:  # noqa: PLR2004
            yield int(digits)
