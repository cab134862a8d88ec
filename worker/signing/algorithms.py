"""The signature algorithms that Herald makes: how each is named in XML, which keys it takes, and its verification.

No key signs with less: RSA under 2048 bits, SHA-1 and other curves are refused.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding

LEAST_KEY_BITS = 2048
"""Bits of the shortest RSA key that signs, or whose signatures are believed."""

PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey
"""A key of a kind that some algorithm here takes."""

_MORE_2001 = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"


class SignatureAlgorithm(StrEnum):
    """One algorithm, by the name that settings give it."""

    RSA_SHA256 = "rsa-sha256"
    """RSA PKCS#1 v1.5 with SHA-256."""
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    """RSA-PSS with SHA-256, MGF1 with SHA-256, and a salt of 32 bytes."""
    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"
    """ECDSA on P-256 with SHA-256."""
    ECDSA_P384_SHA384 = "ecdsa-p384-sha384"
    """ECDSA on P-384 with SHA-384."""

    @property
    def uri(self) -> str:
        """The identifier in an XML signature's SignatureMethod (RFC 6931)."""
        return _KINDS[self].uri

    @property
    def hash_name(self) -> str:
        """The hash function of the digests that are signed, as `hashlib` names it."""
        return _KINDS[self].hash_name

    def digest(self, data: bytes) -> bytes:
        """Return the digest of `data` that is signed."""
        return hashlib.new(self.hash_name, data).digest()

    def fits(self, key: object) -> bool:
        """Whether a public key is of this algorithm's kind, curve and least length."""
        return _KINDS[self].fits(key)

    @property
    def verified_as_made(self) -> bool:
        """Whether `sign` itself verifies each signature, by the private key's own public half."""
        return _KINDS[self].verified_as_made

    def sign(self, key: PrivateKey, digest: bytes) -> bytes:
        """Return the signature by a key in memory that fits. Raises what `cryptography` raises."""
        return _KINDS[self].sign(key, digest)

    def proved(self, key: object, digest: bytes, signature: bytes) -> bytes | None:
        """Return the signature as XML writes it where it verifies by this public key, else None.

        An ECDSA signature may be given in DER or as r||s, and is returned as r||s.
        """
        kind = _KINDS[self]
        return kind.proved(key, digest, signature) if kind.fits(key) else None

    def verify(self, key: object, digest: bytes, signature: bytes) -> bool:
        """Whether the signature over the digest is by this public key."""
        return self.proved(key, digest, signature) is not None


@immutable
class _Rsa:
    uri: str
    padding: AsymmetricPadding
    hash_name: str = "sha256"
    prehashed: Prehashed = Prehashed(SHA256())
    # OpenSSL raises each result to the public exponent, as a verification does, and where that is not what was to be
    # signed, computes it in another way (rsa_ossl_mod_exp; the tests break keys to see it do so).
    verified_as_made: bool = True

    def fits(self, key: object) -> bool:
        return isinstance(key, RSAPublicKey) and key.key_size >= LEAST_KEY_BITS

    def sign(self, key: PrivateKey, digest: bytes) -> bytes:
        return cast("RSAPrivateKey", key).sign(digest, self.padding, self.prehashed)

    def proved(self, key: object, digest: bytes, signature: bytes) -> bytes | None:
        try:
            cast("RSAPublicKey", key).verify(signature, digest, self.padding, self.prehashed)
        except InvalidSignature:
            return None
        return signature


@immutable
class _Ecdsa:
    uri: str
    curve: type[SECP256R1 | SECP384R1]
    size: int
    """Bytes of each of the two numbers in r||s."""
    hash_name: str
    prehashed: Prehashed
    verified_as_made: bool = False

    def fits(self, key: object) -> bool:
        return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, self.curve)

    def sign(self, key: PrivateKey, digest: bytes) -> bytes:
        return cast("EllipticCurvePrivateKey", key).sign(digest, ECDSA(self.prehashed))

    def proved(self, key: object, digest: bytes, signature: bytes) -> bytes | None:
        for r, s in self._readings(signature):
            try:
                cast("EllipticCurvePublicKey", key).verify(
                    encode_dss_signature(r, s), digest, ECDSA(self.prehashed)
                )
            except InvalidSignature:
                continue
            return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")
        return None

    def _readings(self, signature: bytes) -> Iterator[tuple[int, int]]:
        """Yield what the two numbers may be: very rarely DER is as long as r||s."""
        if len(signature) == 2 * self.size:
            yield int.from_bytes(signature[: self.size], "big"), int.from_bytes(signature[self.size :], "big")
        try:
            yield decode_dss_signature(signature)
        except ValueError:
            return


_KINDS: dict[SignatureAlgorithm, _Rsa | _Ecdsa] = {
    SignatureAlgorithm.RSA_SHA256: _Rsa(f"{_MORE_2001}rsa-sha256", PKCS1v15()),
    SignatureAlgorithm.RSA_PSS_SHA256: _Rsa(
        f"{_MORE_2007}sha256-rsa-MGF1", PSS(MGF1(SHA256()), SHA256.digest_size)
    ),
    SignatureAlgorithm.ECDSA_P256_SHA256: _Ecdsa(
        f"{_MORE_2001}ecdsa-sha256", SECP256R1, 32, "sha256", Prehashed(SHA256())
    ),
    SignatureAlgorithm.ECDSA_P384_SHA384: _Ecdsa(
        f"{_MORE_2001}ecdsa-sha384", SECP384R1, 48, "sha384", Prehashed(SHA384())
    ),
}


def algorithm_of(key: object) -> SignatureAlgorithm | None:
    """Return the algorithm that is used with a public key where nothing else is configured; None where none fits."""
    order = (
        SignatureAlgorithm.RSA_SHA256,
        SignatureAlgorithm.ECDSA_P256_SHA256,
        SignatureAlgorithm.ECDSA_P384_SHA384,
    )
    return next((one for one in order if one.fits(key)), None)
