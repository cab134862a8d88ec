"""The Kazakh individual identification number (ИИН): its birth date and its check digit. Pure."""

from __future__ import annotations

import re
from datetime import date

_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_EVERY_DAY = 2000
"""A leap year: which century the first two digits are of is not certain, so 29 February is taken in any year."""


def is_twelve_digits(number: str) -> bool:
    """Whether it has the form of an IIN."""
    return re.fullmatch(r"[0-9]{12}", number) is not None


def check_digit_is_right(iin: str) -> bool:
    """Whether the last of the twelve digits fits the others; numbers for which both passes say 10 are not given out."""
    control = _weighted(iin, _FIRST)
    if control == 10:  # noqa: PLR2004 - no single digit
        control = _weighted(iin, _SECOND)
    return control == int(iin[11])


def begins_with_a_date(iin: str) -> bool:
    """Whether the first six digits are a year, a month and a day of it. Lenient: its source is no specification."""
    try:
        date(_EVERY_DAY, int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return False
    return True


def _weighted(iin: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(iin, weights, strict=False)) % 11
