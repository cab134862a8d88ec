"""A number with the noun that it counts. Pure."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 reply" or "2 replies". ``many`` is by default ``one`` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
