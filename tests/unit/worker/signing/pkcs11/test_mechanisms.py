"""What a token is given makes the signature that the algorithm's name promises."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.signing.certificates import rsa_key
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.pkcs11.mechanisms import MECHANISMS, input_of

DIGEST = hashlib.sha256(b"what is signed").digest()


def test_every_algorithm_has_a_mechanism():
    assert set(MECHANISMS) == {str(one) for one in SignatureAlgorithm}


def test_raw_rsa_over_the_digest_info_is_rsa_with_sha256():
    key = rsa_key("mechanisms")
    raw = key.sign(input_of("rsa-sha256", DIGEST), PKCS1v15(), NoDigestInfo())

    assert raw == key.sign(b"what is signed", PKCS1v15(), SHA256())


@pytest.mark.parametrize("algorithm", ["rsa-pss-sha256", "ecdsa-p256-sha256", "ecdsa-p384-sha384"])
def test_the_others_take_the_digest_alone(algorithm):
    assert input_of(algorithm, DIGEST) == DIGEST
