"""Sentences that end once, whatever the text that they end with. Pure."""

from __future__ import annotations


def ended(text: str) -> str:
    """Return the text with a full stop, unless it ends with one, or with a question or exclamation mark."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
