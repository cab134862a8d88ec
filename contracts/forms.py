"""Text fields whose pattern is known in words too, so that a problem can say what to give."""

from __future__ import annotations

from pydantic import StringConstraints

_FORMS: dict[str, str] = {}


def formed(max_length: int, pattern: str, form: str) -> StringConstraints:
    """Constrain a text to 1 to ``max_length`` characters of a pattern; ``form`` says the pattern in words."""
    _FORMS[pattern] = form
    return StringConstraints(min_length=1, max_length=max_length, pattern=pattern)


def form_of(pattern: str) -> str:
    """Return a pattern in words."""
    return _FORMS[pattern]
