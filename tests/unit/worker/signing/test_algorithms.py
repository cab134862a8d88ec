"""Each algorithm by a key of its kind: what fits, what verifies, and how ECDSA is written."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.support.signing.certificates import rsa_key
from worker.signing.algorithms import _KINDS, SignatureAlgorithm, algorithm_of

P256, P384, P521 = (ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1))
RSA, SHORT = rsa_key("algorithms"), rsa_key("short", 1024)
KEYS = {
    SignatureAlgorithm.RSA_SHA256: RSA,
    SignatureAlgorithm.RSA_PSS_SHA256: RSA,
    SignatureAlgorithm.ECDSA_P256_SHA256: P256,
    SignatureAlgorithm.ECDSA_P384_SHA384: P384,
}
ALL = pytest.mark.parametrize("algorithm", SignatureAlgorithm)


@ALL
def test_what_a_key_signs_verifies_by_it_alone(algorithm):
    key, other = KEYS[algorithm], {RSA: rsa_key("another")}.get(KEYS[algorithm])
    other = other or ec.generate_private_key(key.curve)
    digest = algorithm.digest(b"text")
    signature = algorithm.sign(key, digest)
    assert algorithm.verify(key.public_key(), digest, signature)
    assert not algorithm.verify(key.public_key(), algorithm.digest(b"other"), signature)
    assert not algorithm.verify(other.public_key(), digest, signature)
    assert not algorithm.verify(key.public_key(), digest, signature[::-1])
    assert not algorithm.verify(key.public_key(), digest, b"")


@pytest.mark.parametrize("algorithm", [one for one in SignatureAlgorithm if one.verified_as_made])
@pytest.mark.parametrize("part", ["dmp1", "dmq1", "iqmp"])
def test_openssl_verifies_each_rsa_signature_as_it_makes_it(algorithm, part):
    """A fault in a part of the key by which it computes does not reach the signature: `CheckedSigner` relies on it."""
    numbers = RSA.private_numbers()
    parts = {
        name: getattr(numbers, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp", "public_numbers")
    }
    parts[part] ^= 4
    faulty = RSAPrivateNumbers(**parts).private_key(unsafe_skip_rsa_key_validation=True)
    digest = algorithm.digest(b"text")
    assert algorithm.verify(RSA.public_key(), digest, algorithm.sign(faulty, digest))


def test_which_algorithms_verify_as_they_sign():
    assert {one for one in SignatureAlgorithm if one.verified_as_made} == {
        SignatureAlgorithm.RSA_SHA256,
        SignatureAlgorithm.RSA_PSS_SHA256,
    }


@ALL
def test_no_signature_verifies_as_one_of_another_algorithm(algorithm):
    for other, key in KEYS.items():
        digest = algorithm.digest(b"text")
        if other is not algorithm and len(other.digest(b"")) == len(digest):
            assert not algorithm.verify(key.public_key(), digest, other.sign(key, digest))


@ALL
@pytest.mark.parametrize(
    "key", [RSA, SHORT, P256, P384, P521, None], ids=["RSA", "short RSA", "P-256", "P-384", "P-521", "none"]
)
def test_which_keys_fit(algorithm, key):
    public = None if key is None else key.public_key()
    assert algorithm.fits(public) == (KEYS[algorithm] is key)


@pytest.mark.parametrize(("key", "size"), [(P256, 32), (P384, 48)], ids=["P-256", "P-384"])
def test_ecdsa_in_der_or_as_two_numbers_is_written_as_two_numbers(key, size):
    algorithm = algorithm_of(key.public_key())
    digest = algorithm.digest(b"text")
    der = algorithm.sign(key, digest)
    written = algorithm.proved(key.public_key(), digest, der)
    assert written == b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))
    assert algorithm.proved(key.public_key(), digest, written) == written


def test_der_that_is_as_long_as_two_numbers_is_tried_as_both():
    """Both numbers are short by chance, once in 2**48 signatures: that a longer one verifies shows the way."""
    algorithm = SignatureAlgorithm.ECDSA_P256_SHA256
    readings = list(_KINDS[algorithm]._readings(encode_dss_signature(2 ** (8 * 28) - 1, 2 ** (8 * 28) - 1)))
    assert len(readings) == 2
    assert readings[1] == (2 ** (8 * 28) - 1, 2 ** (8 * 28) - 1)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSA, SignatureAlgorithm.RSA_SHA256),
        (P256, SignatureAlgorithm.ECDSA_P256_SHA256),
        (P384, SignatureAlgorithm.ECDSA_P384_SHA384),
        (P521, None),
        (SHORT, None),
    ],
    ids=["RSA", "P-256", "P-384", "P-521", "short RSA"],
)
def test_what_is_used_where_nothing_is_configured(key, algorithm):
    assert algorithm_of(key.public_key()) is algorithm


def test_the_identifiers_are_those_of_rfc_6931():
    assert {one: one.uri for one in SignatureAlgorithm} == {
        "rsa-sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "rsa-pss-sha256": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "ecdsa-p256-sha256": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "ecdsa-p384-sha384": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    }
