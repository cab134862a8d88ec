"""The texts of barcodes (the document, appendix 1): those made offline, and those that the register makes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

STRIPS = ("A", "B", "C")
"""Of the form 5A."""

# The strip's letter is Cyrillic in the document's examples (А), and Latin in the barcodes of its answers (A).
_STATED = re.compile(r"ERX([0-9]{10})([WGYN])([0-9]{3})([0-9]+)([AА])?")


@dataclass(frozen=True, slots=True)
class StatedBarcode:
    """What the register's own barcode says: when, which type, the counter of that second, which user."""

    issued: datetime
    kind: str
    counter: int
    user_id: str
    strip: bool


def offline(prefix: str, day: date, user: str, own_id: str, strips: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the barcodes that a hospital makes of its own id: one, or one for each strip."""
    whole = f"{prefix}-{day:%Y%m%d}-{user}-{own_id}"
    return tuple(f"{whole}-{strip}" for strip in strips) or (whole,)


def read_stated(barcode: str) -> StatedBarcode | None:
    """Read a barcode of the register's own; None for one of another form."""
    found = _STATED.fullmatch(barcode)
    if found is None:
        return None
    seconds, kind, counter, user, strip = found.groups()
    return StatedBarcode(
        datetime.fromtimestamp(int(seconds), UTC), kind, int(counter), user, strip is not None
    )
