"""The arithmetic of the IIN, by numbers worked out by hand. All are of people born in the 1800s, so nobody's."""

from __future__ import annotations

import pytest

from contracts.kz_shep import iin


@pytest.mark.parametrize(
    ("number", "right"),
    [
        # 7*1+2*2+0*3+3*4+1*5+5*6+2*7 = 72, 72 mod 11 = 6.
        ("720315200006", True),
        ("720315200005", False),
        # With 1 as the seventh digit: 65 mod 11 = 10, so the second pass decides:
        # 7*3+2*4+0*5+3*6+1*7+5*8+1*9 + 0 = 103, 103 mod 11 = 4.
        ("720315100004", True),
        ("720315100000", False),
        # Both passes say 10: no such number was given out, whatever its last digit.
        *((f"72031510003{last}", False) for last in range(10)),
        # Leading zeros count: 0*1+1*2+0*3+1*4+0*5+1*6+1*7 = 19, 19 mod 11 = 8.
        ("010101100008", True),
    ],
)
def test_check_digit(number, right):
    assert iin.check_digit_is_right(number) is right


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("720315200006", True),
        ("721315200006", False),
        ("720230200006", False),
        ("720229200006", True),
        # Which century it is, is not certain; the day must be one in some year.
        ("000229100006", True),
        ("010229500006", True),
        ("000229000006", True),
        ("000230900006", False),
    ],
)
def test_birth_date(number, right):
    assert iin.begins_with_a_date(number) is right


@pytest.mark.parametrize(
    "number", ["", "72031520000", "7203152000061", "72031520000A", "٧20315200006", "720315200006\n"]
)
def test_form(number):
    assert not iin.is_twelve_digits(number)
