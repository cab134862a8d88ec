"""The texts of barcodes that a hospital makes offline (the document, appendix 1). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def offline(prefix: str, day: date, user: str, own_id: str, strips: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the barcodes that a hospital makes of its own id: one, or one for each strip that it uses (`A`)."""
    whole = f"{prefix}-{day:%Y%m%d}-{user}-{own_id}"
    return tuple(f"{whole}-{strip}" for strip in strips) or (whole,)
