"""Check digits of the identifiers of persons: EGN, and LNC of foreigners."""

from __future__ import annotations

from datetime import date

_EGN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_LNC_WEIGHTS = (21, 19, 17, 13, 11, 9, 7, 3, 1)
_LENGTH = 10
_CENTURIES = {0: 1900, 20: 1800, 40: 2000}


def is_person(text: str) -> bool:
    """Whether this is an EGN or an LNC."""
    if len(text) != _LENGTH or not text.isascii() or not text.isdigit():
        return False
    return _is_egn(text) or _sum(text, _LNC_WEIGHTS) % 10 == int(text[-1])


def _is_egn(text: str) -> bool:
    month = int(text[2:4])
    shift = next((one for one in _CENTURIES if one < month <= one + 12), None)
    if shift is None:
        return False
    try:
        date(_CENTURIES[shift] + int(text[:2]), month - shift, int(text[4:6]))
    except ValueError:
        return False
    return _sum(text, _EGN_WEIGHTS) % 11 % 10 == int(text[-1])


def _sum(text: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))
