"""Personal identifiers that NHIS checks: EGN (RL001, RL003) and LNCh (RL001)."""

from __future__ import annotations

from datetime import date

_EGN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_LNCH_WEIGHTS = (21, 19, 17, 13, 11, 9, 7, 3, 1)
_CENTURIES = {0: 1900, 1: 1800, 2: 2000}
_LENGTH = 10


def egn_is_valid(egn: str) -> bool:
    """Whether ten digits hold a calendar date and the right check digit."""
    return _ten_digits(egn) and egn_birth_date(egn) is not None and int(egn[9]) == egn_check_digit(egn[:9])


def egn_check_digit(first_nine: str) -> int:
    """Return the check digit of the first nine digits."""
    return _weighted(first_nine, _EGN_WEIGHTS) % 11 % 10


def egn_birth_date(egn: str) -> date | None:
    """Return the birth date in the EGN (month + 20: 1800s, + 40: 2000s); None if there is no such day."""
    year, month, day = int(egn[:2]), int(egn[2:4]), int(egn[4:6])
    century = _CENTURIES.get((month - 1) // 20)
    if century is None:
        return None
    try:
        return date(century + year, (month - 1) % 20 + 1, day)
    except ValueError:
        return None


def egn_gender(egn: str) -> str:
    """Return the code of CL001 that the EGN states: 1 male, 2 female."""
    return "1" if int(egn[8]) % 2 == 0 else "2"


def lnch_is_valid(lnch: str) -> bool:
    """Whether ten digits end with the right check digit."""
    return _ten_digits(lnch) and int(lnch[9]) == _weighted(lnch[:9], _LNCH_WEIGHTS) % 10


def _ten_digits(text: str) -> bool:
    return len(text) == _LENGTH and text.isascii() and text.isdigit()


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
