"""Patterns whose one special sign is `*`: what operators write where a mistake would open something. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from worker.setting_types import must_be

if TYPE_CHECKING:
    from collections.abc import Iterable

ANY = "*"

PatternText = Annotated[
    str,
    must_be(
        # Eight at most, so that no pattern is slow; the signs of other kinds of patterns are refused, as an operator
        # who writes them expects another meaning.
        r"(?=[^*]*(?:\*[^*]*){0,8}$)(?!.*[?\[\]{}|\\^$\"'<>])[!-~]{1,255}",
        "a plain pattern: at most 255 ASCII characters without spaces, at most 8 of them `*`, which stands for any"
        " characters; not ? [ ] { } | \\ ^ $ < > or quotation marks",
    ),
]
"""The text of a pattern, as settings have it."""


class PlainPattern:
    """A pattern that a whole text must fit: `*` stands for any characters, none and `/` among them.

    Everything else stands for itself, character by character: letters' case counts, and nothing is decoded, trimmed
    or normalised, so that `/his`, `/his/`, `/HIS` and `/%68is` are four sources. An empty text fits no pattern.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = text.split(ANY)

    def fits(self, value: str) -> bool:
        """Whether the whole value is of this form. It takes time in proportion to the value's length."""
        if not value or len(self._parts) == 1:
            return bool(value) and value == self.text
        first, *middle, last = self._parts
        at, end = len(first), len(value) - len(last)
        if end < at or not value.startswith(first) or not value.endswith(last):
            return False
        for part in middle:
            found = value.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True


def compiled(texts: Iterable[str]) -> tuple[PlainPattern, ...]:
    """Make patterns of their texts."""
    return tuple(PlainPattern(text) for text in texts)


def fits_any(patterns: Iterable[PlainPattern], value: str) -> bool:
    """Whether the value fits one of these."""
    return any(pattern.fits(value) for pattern in patterns)
