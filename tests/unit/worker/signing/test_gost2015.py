"""The curve's arithmetic against gostcrypto's, and the hash against the standard's own examples."""

import pytest
from gostcrypto import gostsignature
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.certificates import NOW, Issued, issue
from tests.support.gost import gost_signer, signed_by_gost
from tests.support.soap import ANSWER, signed_by_xmlsec

from herald.worker.signing.gost2015 import (
    BASE,
    A,
    B,
    P,
    Q,
    on_curve,
    streebog512,
    sum_of_multiples,
    verified,
)
from herald.worker.signing.gost_certificate import gost_public_key
from herald.worker.signing.wsse_verify import BadSignature, verify_body

SHEP = gost_signer("SHEP GOST")
OTHER = gost_signer("another GOST")

# RFC 6986, 10.1 and 10.2 (bytes in the order in which software writes them), and of no bytes at all.
HASHES = {
    "M1": (
        b"012345678901234567890123456789012345678901234567890123456789012",
        (
            "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
            "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
        ),
    ),
    "M2": (
        "Се ветри, Стрибожи внуци, веютъ с моря стрелами на храбрыя плъкы Игоревы".encode("cp1251"),
        (
            "1e88e62226bfca6f9994f1f2d51569e0daf8475a3b0fe61a5300eee46d961376"
            "035fe83549ada2b8620fcd7c496ce5b33f0cb9dddc2b6460143b03dabac9fb28"
        ),
    ),
    "nothing": (
        b"",
        (
            "8e945da209aa869f0455928529bcae4679e9873ab707b55315f56ceb98bef0a7"
            "362f715528356ee83cda5f2aac4c6ad2ba3a715c1bcd81cb8e9f90bf4c1c1a8a"
        ),
    ),
}


@pytest.mark.parametrize(("data", "digest"), HASHES.values(), ids=HASHES.keys())
def test_streebog(data, digest):
    assert streebog512(data).hex() == digest


def test_the_curve_is_the_librarys():
    theirs = gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-12-512-paramSetA"]
    assert {"p": P, "a": A, "b": B, "m": Q, "q": Q, "x": BASE[0], "y": BASE[1]} == theirs


def test_the_base_point_has_the_order():
    assert on_curve(BASE)
    assert sum_of_multiples(Q, BASE, 0, BASE) is None
    assert sum_of_multiples(Q - 1, BASE, 1, BASE) is None
    assert sum_of_multiples(Q, BASE, 1, BASE) == BASE
    assert sum_of_multiples(1, BASE, 1, BASE) == sum_of_multiples(2, BASE, 0, BASE)


NUMBERS = st.integers(min_value=0, max_value=Q - 1)


@settings(max_examples=20, deadline=None)
@given(m=NUMBERS, n=NUMBERS, k=NUMBERS.filter(bool))
def test_multiples_add_up(m, n, k):
    point = sum_of_multiples(k, BASE, 0, BASE)
    assert on_curve(point)
    assert sum_of_multiples(m, BASE, n, point) == sum_of_multiples((m + n * k) % Q, BASE, 0, BASE)


def test_what_another_implementation_signed():
    signature = SHEP.sign(b"data")
    assert verified(SHEP.public, signature, b"data")
    assert not verified(SHEP.public, signature, b"date")
    assert not verified(OTHER.public, signature, b"data")


def number(value):
    return value.to_bytes(64, "little")


GOOD = SHEP.sign(b"data")
BROKEN = {
    "short signature": (SHEP.public, GOOD[:-1]),
    "long signature": (SHEP.public, GOOD + b"\0"),
    "no signature": (SHEP.public, b""),
    "r is zero": (SHEP.public, number(0) + GOOD[64:]),
    "s is zero": (SHEP.public, GOOD[:64] + number(0)),
    "both are zero": (SHEP.public, bytes(128)),
    "r is q": (SHEP.public, number(Q) + GOOD[64:]),
    "s is q": (SHEP.public, GOOD[:64] + number(Q)),
    "s is the largest number": (SHEP.public, GOOD[:64] + b"\xff" * 64),
    "r and s exchanged": (SHEP.public, GOOD[64:] + GOOD[:64]),
    "highest byte first": (SHEP.public, GOOD[63::-1] + GOOD[:63:-1]),
    "key off the curve": (number(1) + number(1), GOOD),
    "key beyond the field": (number(BASE[0] + P) + number(BASE[1]), GOOD),
    "key is zero": (bytes(128), GOOD),
    "short key": (SHEP.public[:-1], GOOD),
}


@pytest.mark.parametrize(("key", "signature"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_signatures(key, signature):
    assert verified(SHEP.public, GOOD, b"data")
    assert not verified(key, signature, b"data")


def test_the_key_of_a_certificate():
    assert gost_public_key(SHEP.certificate) == SHEP.public
    assert gost_public_key(issue("RSA").certificate) is None


@pytest.mark.parametrize(
    "algorithm",
    [
        # the key's algorithm of another size; a curve that is not known here
        "302306092a830e030a010102013016060a2a830e030a010102020106082a830e030a010303",
        "302306092a830e030a010102023016060a2a830e030a010102020206082a830e030a010303",
    ],
)
def test_a_key_of_another_kind_is_none(algorithm):
    assert gost_public_key(gost_signer("odd", bytes.fromhex(algorithm)).certificate) is None


def check(document, *pinned):
    verify_body(document, [one.certificate for one in pinned], now=NOW)


def test_a_message_signed_by_gost():
    check(signed_by_gost(SHEP, ANSWER), OTHER, SHEP)


def test_gost_attacks():
    document = signed_by_gost(SHEP, ANSWER)
    with pytest.raises(BadSignature, match="not the one that was signed"):
        check(document.replace(b"kind=", b"king="), SHEP)
    with pytest.raises(BadSignature, match="does not belong"):
        check(document.replace(b"<ds:DigestValue>", b"<ds:DigestValue>AAAA"), SHEP)
    with pytest.raises(BadSignature, match="not one of the pinned"):
        check(document, OTHER)


def test_the_scheme_must_fit_the_certificate():
    mixed = signed_by_gost(SHEP, ANSWER).replace(b"gostr34102015-gostr34112015-512", b"unknown")
    with pytest.raises(BadSignature, match="algorithm that is not accepted"):
        check(mixed, SHEP)
    rsa_key = Issued(SHEP.certificate, issue("RSA").key)
    with pytest.raises(BadSignature, match="does not belong"):
        check(signed_by_xmlsec(rsa_key), SHEP)
