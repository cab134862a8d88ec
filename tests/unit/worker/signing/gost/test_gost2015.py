"""The curve's arithmetic by the standard's own example and by what must hold of any curve."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.signing.certificates import NOW, Issued, issue
from tests.support.signing.gost import EXCLUSIVE, gost_signer, pair, signature, signed_by_gost
from tests.support.systems.kz_shep.soap import ANSWER, signed_by_xmlsec
from worker.signing.gost.certificate import gost_public_key
from worker.signing.gost.gost2015 import CURVE_512_A, Curve, agrees, on_curve, sum_of_multiples, verified
from worker.signing.wsse.verify import BadSignature, verify_body

SHEP = gost_signer("SHEP GOST")
OTHER = gost_signer("another GOST")

# RFC 7091, 7.1 (the standard's own example, with 256 bits), in the order curve, key, digest, signature.
EXAMPLE = Curve(
    p=0x8000000000000000000000000000000000000000000000000000000000000431,
    a=7,
    b=0x5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E,
    q=0x8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3,
    base=(2, 0x8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8),
)
EXAMPLE_PRIVATE = 0x7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28
EXAMPLE_KEY = (
    0x7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B,
    0x26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA,
)
EXAMPLE_DIGEST = 0x2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5
EXAMPLE_NONCE = 0x77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3
EXAMPLE_SIGNATURE = (
    0x41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493,
    0x1456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40,
)


def test_the_standards_example():
    assert sum_of_multiples(EXAMPLE, EXAMPLE_PRIVATE, EXAMPLE.base, 0, EXAMPLE.base) == EXAMPLE_KEY
    assert agrees(EXAMPLE, EXAMPLE_KEY, EXAMPLE_SIGNATURE, EXAMPLE_DIGEST)
    assert not agrees(EXAMPLE, EXAMPLE_KEY, EXAMPLE_SIGNATURE, EXAMPLE_DIGEST + 1)
    assert not agrees(EXAMPLE, EXAMPLE.base, EXAMPLE_SIGNATURE, EXAMPLE_DIGEST)


def test_the_tests_sign_as_the_standard_does():
    assert signature(EXAMPLE, EXAMPLE_PRIVATE, EXAMPLE_DIGEST, EXAMPLE_NONCE) == EXAMPLE_SIGNATURE


@pytest.mark.parametrize("curve", [CURVE_512_A, EXAMPLE], ids=["512 A", "example"])
def test_the_base_point_has_the_order(curve):
    base, q = curve.base, curve.q
    assert on_curve(curve, base)
    assert sum_of_multiples(curve, q, base, 0, base) is None
    assert sum_of_multiples(curve, q - 1, base, 1, base) is None
    assert sum_of_multiples(curve, q, base, 1, base) == base
    assert sum_of_multiples(curve, 1, base, 1, base) == sum_of_multiples(curve, 2, base, 0, base)


NUMBERS = st.integers(min_value=0, max_value=CURVE_512_A.q - 1)


@settings(max_examples=20, deadline=None)
@given(m=NUMBERS, n=NUMBERS, k=NUMBERS.filter(bool))
def test_multiples_add_up(m, n, k):
    curve, base = CURVE_512_A, CURVE_512_A.base
    point = sum_of_multiples(curve, k, base, 0, base)
    assert on_curve(curve, point)
    expected = sum_of_multiples(curve, (m + n * k) % curve.q, base, 0, base)
    assert sum_of_multiples(curve, m, base, n, point) == expected


def test_signatures():
    signature = SHEP.sign(b"data")
    assert verified(SHEP.public, signature, b"data")
    assert not verified(SHEP.public, signature, b"date")
    assert not verified(OTHER.public, signature, b"data")


P, Q, BASE = CURVE_512_A.p, CURVE_512_A.q, CURVE_512_A.base
GOOD = SHEP.sign(b"data")
BROKEN = {
    "short signature": (SHEP.public, GOOD[:-1]),
    "long signature": (SHEP.public, GOOD + b"\0"),
    "no signature": (SHEP.public, b""),
    "r is zero": (SHEP.public, bytes(64) + GOOD[64:]),
    "s is zero": (SHEP.public, GOOD[:64] + bytes(64)),
    "both are zero": (SHEP.public, bytes(128)),
    "r is q": (SHEP.public, Q.to_bytes(64, "little") + GOOD[64:]),
    "s is q": (SHEP.public, GOOD[:64] + Q.to_bytes(64, "little")),
    "s is the largest number": (SHEP.public, GOOD[:64] + b"\xff" * 64),
    "r and s exchanged": (SHEP.public, GOOD[64:] + GOOD[:64]),
    "highest byte first": (SHEP.public, GOOD[63::-1] + GOOD[:63:-1]),
    "key off the curve": (pair(1, 1), GOOD),
    "key beyond the field": (pair(BASE[0] + P, BASE[1]), GOOD),
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


def test_what_anybody_can_write_is_not_hashed_where_it_is_long(monkeypatch):
    hashed = []
    monkeypatch.setattr("worker.signing.gost.gost2015.streebog512", hashed.append)
    document = signed_by_gost(SHEP, ANSWER)
    with pytest.raises(BadSignature, match="SignedInfo is too long"):
        check(document.replace(b"<ds:SignedInfo", b'<ds:SignedInfo more="%s"' % (b"x" * 17_000)), SHEP)
    with pytest.raises(BadSignature, match="Body's id is too long"):
        check(document.replace(b"body-1", b"b" * 300), SHEP)
    method = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    prefixes = f'<e:InclusiveNamespaces xmlns:e="{EXCLUSIVE}" PrefixList="{"x " * 200}"/>'
    listed = method.replace("/>", f">{prefixes}</ds:CanonicalizationMethod>")
    with pytest.raises(BadSignature, match="InclusiveNamespaces is too long"):
        check(document.replace(method.encode(), listed.encode()), SHEP)
    assert hashed == []
