"""DER written by hand, for what no library makes: files and certificates as other software leaves them behind."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from tests.support.signing.certificates import Issued

_DATA = bytes.fromhex("06092a864886f70d010701")
_SHROUDED_KEY_BAG = bytes.fromhex("060b2a864886f70d010c0a0102")
_CERTIFICATE_BAG = bytes.fromhex("060b2a864886f70d010c0a0103")
_X509 = bytes.fromhex("060a2a864886f70d01091601")
_VERSION_3 = bytes.fromhex("020103")


def tlv(tag: int, *parts: bytes) -> bytes:
    """Write one value."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes(4, "big").lstrip(b"\x00")
    return bytes([tag, 0x80 | len(length)]) + length + body


def altered(issued: Issued, old: bytes, new: bytes, *, signer: Issued | None = None) -> bytes:
    """Return the certificate with other bytes of the same length in it, signed again: DER, not parsed."""
    certificate = issued.certificate
    before = certificate.tbs_certificate_bytes
    assert len(old) == len(new)
    assert old in before
    after = before.replace(old, new)
    signature = (signer or issued).key.sign(after, PKCS1v15(), SHA256())
    whole = certificate.public_bytes(Encoding.DER)
    return whole.replace(before, after).replace(certificate.signature, signature)


def with_certificate(issued: Issued, der: bytes) -> Issued:
    """Return the same key with another certificate."""
    return Issued(x509.load_der_x509_certificate(der), issued.key, issued.issuers)


def pkcs12_file(keys: Iterable[PrivateKeyTypes], certificates: Iterable[bytes], password: str) -> bytes:
    """Write a PKCS#12 file of any keys and certificates, in this order: without a MAC, its keys encrypted."""
    return pkcs12_bags((_shrouded(key, password) for key in keys), certificates)


def pkcs12_bags(keys: Iterable[bytes], certificates: Iterable[bytes]) -> bytes:
    """Write such a file of keys that are encrypted already (PKCS#8, DER)."""
    bags = [_bag(_SHROUDED_KEY_BAG, key) for key in keys]
    bags += [_bag(_CERTIFICATE_BAG, tlv(0x30, _X509, tlv(0xA0, tlv(0x04, one)))) for one in certificates]
    return tlv(0x30, _VERSION_3, _content(tlv(0x30, _content(tlv(0x30, *bags)))))


def _shrouded(key: PrivateKeyTypes, password: str) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))


def _bag(kind: bytes, value: bytes) -> bytes:
    return tlv(0x30, kind, tlv(0xA0, value))


def _content(data: bytes) -> bytes:
    return tlv(0x30, _DATA, tlv(0xA0, tlv(0x04, data)))
