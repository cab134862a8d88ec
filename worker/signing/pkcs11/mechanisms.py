"""Which mechanism of PKCS#11 makes which signature of a digest. Pure.

The token is given a digest, never a document: mechanisms that digest by themselves (CKM_SHA256_RSA_PKCS) are of no use,
and CKM_RSA_PKCS over the DigestInfo makes the same signature (RFC 8017, 9.2).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGEST_INFO_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 digest in a PKCS#1 v1.5 signature: RFC 8017, 9.2, note 1."""

MECHANISMS: Mapping[str, str] = MappingProxyType(
    {
        "rsa-sha256": "RSA_PKCS",
        "rsa-pss-sha256": "RSA_PKCS_PSS",
        "ecdsa-p256-sha256": "ECDSA",
        "ecdsa-p384-sha384": "ECDSA",
    }
)
"""The mechanism by the name of the algorithm. CKM_ECDSA answers r and s, one after the other, as XMLDSig wants them."""


def input_of(algorithm: str, digest: bytes) -> bytes:
    """Return what the mechanism is given for this digest."""
    return DIGEST_INFO_SHA256 + digest if algorithm == "rsa-sha256" else digest
