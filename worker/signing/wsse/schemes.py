"""The signature algorithms that are accepted in the messages of other parties, each with its one digest algorithm."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from contracts.immutable import immutable
from worker.signing.algorithms import LEAST_KEY_BITS
from worker.signing.certificates import public_key_of
from worker.signing.gost.certificate import gost_public_key
from worker.signing.gost.gost2015 import verified
from worker.signing.gost.streebog import streebog512
from worker.signing.wsse.names import DS
from worker.signing.wsse.signed_body import BadSignature

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

_NCA = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{_MORE}rsa-sha256"
_SHA_1 = "The signature is made with SHA-1, which can be forged; it is not accepted."
GOST_2004 = f"{_MORE}gost34310-gost34311"
_GOST_2004 = (
    "The signature is made with GOST 34.310-2004, which cannot be checked here; SHEP's is GOST 2015 or RSA."
)
_MD5 = "The signature is made with MD5, which can be forged; it is not accepted."
_HMAC = "The signature is made with a shared secret (HMAC), which anybody has who verifies it; it is not accepted."
_DSA = "The signature is made with DSA, which is not accepted."
REFUSED = {
    f"{DS}rsa-sha1": _SHA_1,
    f"{_MORE}rsa-sha1": _SHA_1,
    f"{_MORE}rsa-md5": _MD5,
    f"{DS}hmac-sha1": _HMAC,
    f"{_MORE}hmac-md5": _HMAC,
    **{f"{_MORE}hmac-sha{bits}": _HMAC for bits in (224, 256, 384, 512)},
    f"{DS}dsa-sha1": _DSA,
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": _DSA,
    GOST_2004: _GOST_2004,
}


REFUSED_DIGESTS = {
    f"{DS}sha1": "The Body's digest is made with SHA-1, which can be forged; it is not accepted.",
    f"{_MORE}md5": "The Body's digest is made with MD5, which can be forged; it is not accepted.",
}


@immutable
class Scheme:
    """``verify`` takes the certificate, the signature and the data, and says whether they belong together."""

    digest_method: str
    digest: Callable[[bytes], bytes]
    verify: Callable[[x509.Certificate, bytes, bytes], bool]


def scheme_of(signature_method: str, digest_method: str) -> Scheme:
    """Return the scheme. Raises BadSignature for algorithms that are not accepted."""
    if refusal := REFUSED.get(signature_method) or REFUSED_DIGESTS.get(digest_method):
        raise BadSignature(refusal)
    scheme = SCHEMES.get(signature_method)
    if scheme is None:
        raise BadSignature("The signature is made with an algorithm that is not accepted.")
    if digest_method != scheme.digest_method:
        raise BadSignature(
            "The Body's digest is made with an algorithm that is not accepted with this signature."
        )
    return scheme


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _verify_rsa(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    key = public_key_of(certificate)
    if not isinstance(key, RSAPublicKey):
        return False
    if key.key_size < LEAST_KEY_BITS:
        raise BadSignature(f"The certificate's RSA key has fewer than {LEAST_KEY_BITS} bits.")
    try:
        key.verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _verify_gost(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    key = gost_public_key(certificate)
    return key is not None and verified(key, signature, data)


SCHEMES = {
    RSA_SHA256: Scheme("http://www.w3.org/2001/04/xmlenc#sha256", _sha256, _verify_rsa),
    f"{_NCA}gostr34102015-gostr34112015-512": Scheme(f"{_NCA}gostr34112015-512", streebog512, _verify_gost),
}
"""By SignatureMethod."""
