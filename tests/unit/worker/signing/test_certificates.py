"""Chains as they stand in files: in any order, with strangers among them, several authorities of one name."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue, rsa_key
from tests.support.signing.der import altered, with_certificate
from worker.signing.certificates import chain, pem_certificates

ROOT = issue("Root", authority=True)
FIRST = issue("Issuing", issuer=ROOT, authority=True, key=rsa_key("first"))
SECOND = issue("Issuing", issuer=ROOT, authority=True, key=rsa_key("second"))
RENEWED = issue("Issuing", issuer=ROOT, authority=True, key=rsa_key("second"), end=NOW + 2 * YEAR)


def test_all_certificates_of_a_pem_file_whatever_else_it_holds():
    content = b"the authorities\n" + ROOT.pem() + ROOT.key_pem() + FIRST.pem()
    assert pem_certificates(content) == [ROOT.certificate, FIRST.certificate]


@pytest.mark.parametrize("left", [30, 200, -30])
def test_a_pem_file_that_is_cut_off_is_refused(left):
    with pytest.raises(ValueError, match=r"cut off|PEM|parsing"):
        pem_certificates(ROOT.pem() + FIRST.pem()[:left])


@pytest.mark.parametrize("content", [b"", b"text"])
def test_a_file_without_a_certificate_is_refused(content):
    with pytest.raises(ValueError, match=r".+"):
        pem_certificates(content)


@pytest.mark.parametrize("others", [*permutations((ROOT, FIRST, SECOND))])
@pytest.mark.parametrize("issuer", [FIRST, SECOND])
def test_of_two_authorities_of_one_name_the_one_that_verifies(others, issuer):
    leaf = issue("Doctor", issuer=issuer)
    found = list(chain(leaf.certificate, [one.certificate for one in others]))
    assert found == [leaf.certificate, issuer.certificate, ROOT.certificate]


@pytest.mark.parametrize("others", [*permutations((SECOND, RENEWED))])
def test_of_two_certificates_of_one_authority_the_one_that_ends_last(others):
    leaf = issue("Doctor", issuer=SECOND)
    assert list(chain(leaf.certificate, [one.certificate for one in others])) == [
        leaf.certificate,
        RENEWED.certificate,
    ]


def test_none_of_the_name_that_verifies_ends_it():
    assert len(list(chain(issue("Doctor", issuer=FIRST).certificate, [SECOND.certificate]))) == 1


def test_one_that_signs_itself_comes_once_and_ends_it():
    alone = issue("Alone", authority=True).certificate
    assert list(chain(alone, [alone, alone])) == [alone]
    leaf = issue("Doctor", issuer=ROOT)
    assert list(chain(leaf.certificate, [ROOT.certificate, ROOT.certificate])) == [
        leaf.certificate,
        ROOT.certificate,
    ]


def test_names_that_are_no_text_are_compared_as_they_are():
    plain, cyrillic = b"\x0c\x05xxxxx", b"\x14\x05" + "Издал".encode("cp1251")
    authority = issue("xxxxx", authority=True)
    leaf = issue("Doctor", issuer=authority)
    odd = with_certificate(authority, altered(authority, plain, cyrillic))
    odd_leaf = with_certificate(leaf, altered(leaf, plain, cyrillic, signer=authority))
    found = list(chain(odd_leaf.certificate, [authority.certificate, odd.certificate]))
    assert found == [odd_leaf.certificate, odd.certificate]
