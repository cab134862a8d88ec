"""Bulgarian personal numbers: what their digits say, and whether the check digit is right. Pure."""

from __future__ import annotations

import re
from datetime import date
from operator import mul

_TEN_DIGITS = re.compile("[0-9]{10}")
_EGN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_LNCH_WEIGHTS = (21, 19, 17, 13, 11, 9, 7, 3, 1)
# The month also says the century: 1-12 is 19xx, 21-32 is 18xx, 41-52 is 20xx.
_CENTURIES = {0: 1900, 20: 1800, 40: 2000}


def is_ten_digits(number: str) -> bool:
    """Whether it has the form of an EGN or LNCh."""
    return _TEN_DIGITS.fullmatch(number) is not None


def egn_check_digit_is_right(egn: str) -> bool:
    """Whether the last of the ten digits fits the others."""
    return _weighted(egn, _EGN_WEIGHTS) % 11 % 10 == int(egn[9])


def lnch_check_digit_is_right(lnch: str) -> bool:
    """Whether the last of the ten digits fits the others."""
    return _weighted(lnch, _LNCH_WEIGHTS) % 10 == int(lnch[9])


def egn_birth_date(egn: str) -> date | None:
    """Return the birth date that an EGN's first six digits say; None where they say none."""
    offset, month = divmod(int(egn[2:4]), 20)
    try:
        return date(_CENTURIES[offset * 20] + int(egn[:2]), month, int(egn[4:6]))
    except (KeyError, ValueError):
        return None


def egn_is_male(egn: str) -> bool:
    """Whether the EGN was given to a man: its ninth digit is even."""
    return int(egn[8]) % 2 == 0


def _weighted(number: str, weights: tuple[int, ...]) -> int:
    return sum(map(mul, map(int, number), weights))
