"""The signature algorithms that are accepted in the messages of other parties, each with its one digest algorithm."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from worker.signing.certificates import public_key_of
from worker.signing.gost.certificate import gost_public_key
from worker.signing.gost.gost2015 import verified
from worker.signing.gost.streebog import streebog512
from worker.signing.wsse.signed_body import BadSignature

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

_NCA = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{_MORE}rsa-sha256"
_SHA_1 = "The signature is made with SHA-1, which can be forged; it is not accepted."
_GOST_2004 = (
    "The signature is made with GOST 34.310-2004, which cannot be checked here; SHEP's is GOST 2015 or RSA."
)
REFUSED = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": _SHA_1,
    f"{_MORE}rsa-sha1": _SHA_1,
    f"{_MORE}gost34310-gost34311": _GOST_2004,
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """``verify`` takes the certificate, the signature and the data, and says whether they belong together."""

    digest_method: str
    digest: Callable[[bytes], bytes]
    verify: Callable[[x509.Certificate, bytes, bytes], bool]


def scheme_of(signature_method: str, digest_method: str) -> Scheme:
    """Return the scheme. Raises BadSignature for algorithms that are not accepted."""
    if refusal := REFUSED.get(signature_method):
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
