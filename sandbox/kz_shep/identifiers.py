"""The IIN, Kazakhstan's personal number: YYMMDD, century and sex, four digits, check digit."""

from __future__ import annotations

_LENGTH = 12
_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NONE = 10


def iin_is_valid(iin: str) -> bool:
    """Whether twelve digits end with the right check digit."""
    if len(iin) != _LENGTH or not (iin.isascii() and iin.isdigit()):
        return False
    return int(iin[-1]) == check_digit(iin[:-1])


def check_digit(first_eleven: str) -> int | None:
    """Return the check digit of the first eleven digits; None where such a number is never given out."""
    remainder = _weighted(first_eleven, _FIRST)
    if remainder == _NONE:
        remainder = _weighted(first_eleven, _SECOND)
    return None if remainder == _NONE else remainder


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
