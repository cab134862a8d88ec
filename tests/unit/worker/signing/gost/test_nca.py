"""GOST 2015 as the certification authority itself signs: byte order, curve and hash are held against its software."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from worker.signing.gost.certificate import gost_public_key
from worker.signing.gost.gost2015 import verified

HERE = Path(__file__).parent / "nca"
AUTHORITY = x509.load_der_x509_certificate((HERE / "nca_gost2015_test.cer").read_bytes())
REVOKED = x509.load_der_x509_crl((HERE / "nca_gost2022_test.crl").read_bytes())
KEY = gost_public_key(AUTHORITY)


def test_a_signature_by_the_authority():
    assert verified(KEY, REVOKED.signature, REVOKED.tbs_certlist_bytes)


@pytest.mark.parametrize(
    "signature",
    [
        REVOKED.signature[::-1],
        REVOKED.signature[64:] + REVOKED.signature[:64],
        REVOKED.signature[63::-1] + REVOKED.signature[:63:-1],
        AUTHORITY.signature,
    ],
    ids=["reversed", "numbers exchanged", "highest byte first", "of something else"],
)
def test_the_same_bytes_in_another_order_are_none(signature):
    assert not verified(KEY, signature, REVOKED.tbs_certlist_bytes)


def test_another_list_is_not_signed():
    data = REVOKED.tbs_certlist_bytes
    assert not verified(KEY, REVOKED.signature, data[:-1] + bytes([data[-1] ^ 1]))
