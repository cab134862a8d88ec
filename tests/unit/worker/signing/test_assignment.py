"""Signatures go to the digests that they are over, in whatever order a provider returns them."""

from itertools import permutations

import pytest

from tests.support.signing.certificates import rsa_key
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.assignment import assigned

KEY = rsa_key("assignment")
RSA = SignatureAlgorithm.RSA_SHA256
DIGESTS = [RSA.digest(text) for text in (b"one", b"two", b"three")]
ONE, TWO, THREE = SIGNATURES = [RSA.sign(KEY, digest) for digest in DIGESTS]
FOREIGN = RSA.sign(rsa_key("another"), DIGESTS[0])


@pytest.mark.parametrize("returned", [*permutations(SIGNATURES)])
def test_any_order(returned):
    assert assigned(RSA, KEY.public_key(), DIGESTS, returned) == SIGNATURES


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ([], [None, None, None]),
        ([TWO], [None, TWO, None]),
        ([THREE, ONE], [ONE, None, THREE]),
        ([FOREIGN, TWO, ONE], [ONE, TWO, None]),
        ([ONE, FOREIGN, THREE], [ONE, None, THREE]),
        ([ONE, ONE, ONE], [ONE, None, None]),
        ([FOREIGN, FOREIGN, FOREIGN, THREE, TWO, ONE], [ONE, TWO, THREE]),
    ],
)
def test_what_is_missing_or_not_the_keys_goes_to_nobody(returned, expected):
    assert assigned(RSA, KEY.public_key(), DIGESTS, returned) == expected


def test_each_signature_serves_one_digest():
    twice = [DIGESTS[0], DIGESTS[0]]
    assert assigned(RSA, KEY.public_key(), twice, [ONE, ONE]) == [ONE, ONE]
    assert assigned(RSA, KEY.public_key(), twice, [ONE]) == [ONE, None]


def test_randomised_signatures_too():
    pss = SignatureAlgorithm.RSA_PSS_SHA256
    signatures = [pss.sign(KEY, digest) for digest in DIGESTS]
    assert assigned(pss, KEY.public_key(), DIGESTS, signatures[::-1]) == signatures
