"""Text that PostgreSQL can hold: its text type knows no NUL, and UTF-8 knows no lone surrogates."""

from __future__ import annotations

_NUL, _SYMBOL_FOR_NUL = "\x00", "\u2400"


def storable(text: str) -> str:
    """Return the text with U+2400 for every NUL and U+FFFD for every lone surrogate."""
    if _NUL in text:
        text = text.replace(_NUL, _SYMBOL_FOR_NUL)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def storable_or_none(text: str | None) -> str | None:
    """Return the same for text that may be absent."""
    return None if text is None else storable(text)
