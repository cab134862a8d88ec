"""Invisible characters: a text that consists only of them is blank, whatever its length. Pure.

They are the separators, controls and format characters of Unicode (categories Z, Cc, Cf), those that it calls
default-ignorable, and the blank letters of Hangul and Braille. A combining mark (categories Mn, Mc, Me) is a part of
the letter before it, so marks alone are blank too.
"""

from __future__ import annotations

import re
import unicodedata

SEPARATORS = r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_FORMATS = (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
CONTROLS = r"\u0000-\u001f\u007f-\u009f"
INVISIBLE = CONTROLS + SEPARATORS + _FORMATS
"""The inside of a class of a regular expression. Only of the plane that ECMAScript, Java, .NET, Rust and Python write
alike; `is_visible` knows the others too, and the marks, which no class names in all these languages."""

_ELSEWHERE = (
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BEGINS_PLAINLY = re.compile("[0-9A-Za-z\u0410-\u044f]")
_SEEN = re.compile(f"[^{INVISIBLE}{_ELSEWHERE}]")


def is_visible(text: str) -> bool:
    """Whether there is something to see in a text."""
    if _BEGINS_PLAINLY.match(text):  # as nearly every text does, and the question costs a fifth of the other
        return True
    return any(not unicodedata.category(one[0]).startswith("M") for one in _SEEN.finditer(text))
