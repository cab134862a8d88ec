"""Cyrillic letters in place of Latin ones in the codes that systems state. Pure.

The ministry's own list of error types has the type E003 with a Cyrillic letter. Herald reads such codes tolerantly only
where that makes a refusal an operator's matter, or leaves its outcome unknown, and nowhere where a success is read.
"""

from __future__ import annotations

import re

_LATIN = str.maketrans("АВЕКМНОРСТУХЅІЈаеорсухѕіј", "ABEKMHOPCTYXSIJaeopcyxsij")
# By Latin capital, the Cyrillic letters that look like it, or that Bulgarian writes for its sound.
_CYRILLIC = {
    "A": "А", "B": "ВБ", "C": "СЦ", "D": "Д", "E": "Е", "F": "Ф", "G": "Г", "H": "НХ", "I": "ІИ", "J": "ЈЙ", "K": "К",
    "L": "Л", "M": "М", "N": "Н", "O": "О", "P": "РП", "R": "Р", "S": "ЅС", "T": "Т", "U": "У", "V": "В", "X": "Х",
    "Y": "УЙ", "Z": "З",
}  # fmt: skip


def latin(text: str) -> str:
    """Return a text with the Cyrillic letters that look like Latin ones as these."""
    return text.translate(_LATIN)


def rule_pattern(rule: str) -> re.Pattern[str]:
    """Return what finds the number of a rule as a word, as RL029, also as `rl 029` or with Cyrillic letters."""
    letters = rule.rstrip("0123456789")
    number = rule.removeprefix(letters)
    written = "".join(f"[{one}{_CYRILLIC.get(one, '')}]" for one in letters)
    return re.compile(rf"(?<![0-9A-Za-z]){written}[\s_-]?{number}(?![0-9A-Za-z])", re.IGNORECASE)
