"""EGN and LNCh. The valid EGNs are of births in the 1800s, or of days to come: nobody alive has them."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox.nhis import identifiers


@pytest.mark.parametrize(
    ("egn", "valid"),
    [
        ("8621011000", True),
        ("5523056031", True),
        ("8621011001", False),  # check digit
        ("8621321000", False),  # no such day
        ("8600011000", False),  # month 0
        ("8661011000", False),  # month 61
        ("862101100", False),
        ("86210110000", False),
        ("862101100x", False),
        ("٨٦٢١٠١١٠٠٠", False),  # digits, but not ASCII
        ("", False),
    ],
)
def test_egn(egn, valid):
    assert identifiers.egn_is_valid(egn) is valid


@pytest.mark.parametrize(
    ("egn", "born"),
    [
        ("8621011000", date(1886, 1, 1)),
        ("9932310000", date(1899, 12, 31)),
        ("0000010000", None),
        ("0041010000", date(2000, 1, 1)),
        ("9952310000", date(2099, 12, 31)),
        ("8682010000", None),
    ],
)
def test_egn_birth_date(egn, born):
    assert identifiers.egn_birth_date(egn) == born


@pytest.mark.parametrize(("egn", "gender"), [("8621011000", "1"), ("5523056031", "2")])
def test_egn_gender(egn, gender):
    assert identifiers.egn_gender(egn) == gender


@pytest.mark.parametrize(
    ("lnch", "valid"), [("1000000001", True), ("1000000002", False), ("100000000", False), ("abc", False)]
)
def test_lnch(lnch, valid):
    assert identifiers.lnch_is_valid(lnch) is valid
