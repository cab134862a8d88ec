"""Every private key in a PKCS#12 file (RFC 7292); `cryptography` returns only the first one.

A file may hold the old pair beside the renewed one, or the pairs of several people, and the caller must notice this.
Keys are in the parts of the file that are not encrypted as a whole; each key is encrypted by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import load_der_private_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.1")
_KEY_BAG = x509.ObjectIdentifier("1.2.840.113549.1.12.10.1.1")
_SHROUDED_KEY_BAG = x509.ObjectIdentifier("1.2.840.113549.1.12.10.1.2")
_SEQUENCE = b"\x30"


@asn1.sequence
class _Content:
    kind: x509.ObjectIdentifier
    value: Annotated[asn1.TLV, asn1.Explicit(0)]


@asn1.sequence
class _Mac:
    digest: asn1.TLV
    salt: bytes
    iterations: Annotated[int, asn1.Default(1)]


@asn1.sequence
class _Pfx:
    version: int
    safe: _Content
    mac: _Mac | None


@asn1.sequence
class _Attribute:
    kind: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _Bag:
    kind: x509.ObjectIdentifier
    value: Annotated[asn1.TLV, asn1.Explicit(0)]
    attributes: asn1.SetOf[_Attribute] | None


@asn1.sequence
class _Contents:
    all: list[_Content]


@asn1.sequence
class _Bags:
    all: list[_Bag]


def private_keys(data: bytes, password: bytes) -> list[PrivateKeyTypes]:
    """Return the keys in the order of the file. Raises any exception of the parsers for a file that cannot be read."""
    found: list[PrivateKeyTypes] = []
    for bag in _bags(data):
        if bag.kind == _SHROUDED_KEY_BAG:
            found.append(load_der_private_key(asn1.encode_der(bag.value), password))
        elif bag.kind == _KEY_BAG:
            found.append(load_der_private_key(asn1.encode_der(bag.value), None))
    return found


def number_of_keys(data: bytes) -> int:
    """Return how many keys the file has; none is decrypted. Raises what the parsers raise where this cannot read it."""
    return sum(bag.kind in {_KEY_BAG, _SHROUDED_KEY_BAG} for bag in _bags(data))


def _bags(data: bytes) -> Iterator[_Bag]:
    for content in asn1.decode_der(_Contents, _inside(asn1.decode_der(_Pfx, data).safe)).all:
        if content.kind == _DATA:
            yield from asn1.decode_der(_Bags, _inside(content)).all


def _inside(content: _Content) -> bytes:
    """Return the content of the OCTET STRING, within one more SEQUENCE, because the decoder needs a class."""
    return _SEQUENCE + asn1.encode_der(content.value.parse(bytes))[1:]
