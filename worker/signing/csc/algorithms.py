"""Object identifiers of the algorithms as the API names them."""

from __future__ import annotations

from base64 import b64encode
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.algorithms import SignatureAlgorithm

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_HASHES: Mapping[str, str] = MappingProxyType(
    {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2"}
)
_NAMES: Mapping[SignatureAlgorithm, tuple[str, ...]] = MappingProxyType(
    {
        SignatureAlgorithm.RSA_SHA256: ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"),
        SignatureAlgorithm.RSA_PSS_SHA256: ("1.2.840.113549.1.1.10",),
        SignatureAlgorithm.ECDSA_P256_SHA256: ("1.2.840.10045.4.3.2",),
        SignatureAlgorithm.ECDSA_P384_SHA384: ("1.2.840.10045.4.3.3",),
    }
)
"""The identifiers of each, the preferred one first. The plain RSA one leaves the hash to `hashAlgorithmOID`."""

_PSS_SHA256 = bytes.fromhex(
    "3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"
)
"""RSASSA-PSS-params (RFC 4055): SHA-256, MGF1 with SHA-256, a salt of 32 bytes."""


def hash_oid(algorithm: SignatureAlgorithm) -> str:
    """Return the identifier of the hash function whose digests are signed."""
    return _HASHES[algorithm.hash_name]


def sign_oid(algorithm: SignatureAlgorithm, offered: Collection[str]) -> str | None:
    """Return the identifier to sign with, of those that the credential offers; None where it offers none.

    A credential that names no algorithms is taken to know the preferred identifier.
    """
    names = _NAMES[algorithm]
    return next((one for one in names if one in offered), None) if offered else names[0]


def sign_parameters(algorithm: SignatureAlgorithm) -> str | None:
    """Return the parameters of the algorithm, DER in base64; None where it takes none."""
    return b64encode(_PSS_SHA256).decode() if algorithm is SignatureAlgorithm.RSA_PSS_SHA256 else None
