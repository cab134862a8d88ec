"""Personal numbers, all invented: EGNs of people born in the 1800s (month + 20)."""

from __future__ import annotations

from datetime import date

import pytest

from contracts import bulgarian_identifiers


@pytest.mark.parametrize("egn", ["7223154128", "8631020355", "9932311189", "5026017200"])
def test_right_egn(egn):
    assert bulgarian_identifiers.egn_check_digit_is_right(egn)


def test_every_other_check_digit_is_wrong():
    right = [
        digit for digit in range(10) if bulgarian_identifiers.egn_check_digit_is_right(f"722315412{digit}")
    ]
    assert right == [8]


def test_remainder_ten_counts_as_zero():
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6)
    assert sum(int(d) * w for d, w in zip("502601000", weights, strict=True)) % 11 == 10
    assert bulgarian_identifiers.egn_check_digit_is_right("5026010000")


@pytest.mark.parametrize(
    ("egn", "born"),
    [
        ("7223154128", date(1872, 3, 15)),
        ("0021010000", date(1800, 1, 1)),
        ("9932310000", date(1899, 12, 31)),
        ("9912310000", date(1999, 12, 31)),
        ("0041010000", date(2000, 1, 1)),
        ("2452290000", date(2024, 12, 29)),
        ("2442290000", date(2024, 2, 29)),
        ("2342290000", None),
        ("7213150000", None),
        ("7220150000", None),
        ("7233150000", None),
        ("7240150000", None),
        ("7253150000", None),
        ("7263150000", None),
        ("7299150000", None),
        ("7200150000", None),
        ("7221000000", None),
    ],
)
def test_birth_date(egn, born):
    assert bulgarian_identifiers.egn_birth_date(egn) == born


def test_ninth_digit_says_the_gender():
    assert bulgarian_identifiers.egn_is_male("7223154128")
    assert not bulgarian_identifiers.egn_is_male("7223154154")


def test_lnch():
    # 1*21 + 0*19 + 0 + 3*13 + 0 + 0 + 0 + 0 + 2*1 = 62
    assert bulgarian_identifiers.lnch_check_digit_is_right("1003000022")
    assert [d for d in range(10) if bulgarian_identifiers.lnch_check_digit_is_right(f"100300002{d}")] == [2]


@pytest.mark.parametrize(
    "number", ["", "123456789", "12345678901", "123456789x", "١٢٣٤٥٦٧٨٩٠", "1234567890\n"]
)
def test_not_ten_digits(number):
    assert not bulgarian_identifiers.is_ten_digits(number)
