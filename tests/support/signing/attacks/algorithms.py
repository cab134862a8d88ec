"""Weak and confused algorithms: secrets that are none, hashes that can be forged, algorithms of another kind of key."""

from tests.support.signing.attacks.attack import (
    Attack,
    algorithm,
    inserted,
    signed_again,
    signed_with_hmac,
    tampered,
)

_DS = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_REFUSED = "InvalidInput|does not belong"


def _method(uri, *, how=tampered):
    return how(algorithm("SignatureMethod", uri))


def _digest(uri, *, how=signed_again):
    return how(algorithm("DigestMethod", uri))


ATTACKS = {
    "HMAC with the public key": Attack(signed_with_hmac(), r"shared secret \(HMAC\)", _REFUSED),
    "HMAC cut to 80 bits": Attack(signed_with_hmac(bits=80), "SignatureMethod must hold: nothing", _REFUSED),
    "HMAC cut to nothing": Attack(
        tampered(inserted("SignatureMethod", "<ds:HMACOutputLength>0</ds:HMACOutputLength>")),
        "SignatureMethod must hold: nothing",
        _REFUSED,
    ),
    "HMAC with SHA-1": Attack(_method(f"{_DS}hmac-sha1"), r"shared secret \(HMAC\)", _REFUSED),
    "HMAC with MD5": Attack(_method(f"{_MORE}hmac-md5"), r"shared secret \(HMAC\)", _REFUSED),
    "RSA with SHA-1": Attack(
        _method(f"{_DS}rsa-sha1", how=signed_again), "signature is made with SHA-1", _REFUSED
    ),
    "RSA with MD5": Attack(_method(f"{_MORE}rsa-md5"), "signature is made with MD5", _REFUSED),
    "RSA with SHA-224": Attack(
        _method(f"{_MORE}rsa-sha224", how=signed_again), "algorithm that is not accepted", _REFUSED
    ),
    "DSA with SHA-1": Attack(_method(f"{_DS}dsa-sha1"), "made with DSA", _REFUSED),
    "DSA with SHA-256": Attack(
        _method("http://www.w3.org/2009/xmldsig11#dsa-sha256"), "made with DSA", _REFUSED
    ),
    "ECDSA of an RSA key": Attack(
        _method(f"{_MORE}ecdsa-sha256"), "signature is made with an algorithm that is not accepted", _REFUSED
    ),
    "RSA-PSS where PKCS#1 is agreed": Attack(
        _method("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", how=signed_again),
        "signature is made with an algorithm that is not accepted",
        _REFUSED,
    ),
    "no signature algorithm": Attack(_method(""), "algorithm that is not accepted", _REFUSED),
    "digest by SHA-1, signed": Attack(_digest(f"{_DS}sha1"), "digest is made with SHA-1", _REFUSED),
    "digest by MD5, signed": Attack(_digest(f"{_MORE}md5"), "digest is made with MD5", _REFUSED),
    "digest by SHA-384, signed": Attack(
        _digest(f"{_MORE}sha384"), "digest is made with an algorithm that is not accepted", _REFUSED
    ),
    "no digest algorithm": Attack(
        _digest("", how=tampered), "digest is made with an algorithm that is not accepted", _REFUSED
    ),
}
