"""Helpers for what systems state in their answers: patterns in sentences, and values for a reply. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

LONGEST_SEARCHED = 4000
"""Characters of a sentence that are searched, because an operator's pattern may take long on a gateway's page."""


def says(sentence: str | None, patterns: Iterable[re.Pattern[str]]) -> bool:
    """Return whether the beginning of a sentence matches one of the patterns."""
    searched = (sentence or "")[:LONGEST_SEARCHED]
    return any(pattern.search(searched) for pattern in patterns)


def without_gaps(**values: Any) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
