"""The barcodes of prescriptions: the register's own numbers, and those that a client makes by itself (appendix 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

_SOFIA = ZoneInfo("Europe/Sofia")  # whose day the date in a barcode is, no document says
_COUNTERS = 1000
_OWN = re.compile(r"ERX(?P<second>\d{10})(?P<rest>[WGYN]\d{4,}[ABC]?)")
_ON_SLIP = re.compile(r"(ERX\d{10}[WGYN]\d{4,})[ABC]|(.+)-[ABC]")
_TIMES = {"date": "%Y%m%d", "seconds": "%Y%m%d%H%M%S"}
UNIQUE_KINDS = ("date", "seconds", "timestamp")
"""The kinds of `/helper/generate-<kind>-unique-barcode`."""


class Numbers:
    """The register's own stems, `ERX<unix seconds><category><counter><user id>`, counted from 0 to 999 and again."""

    def __init__(self) -> None:
        self._next = 0

    def stem(self, moment: datetime, category: str, user_id: int) -> str:
        """Return the next one."""
        counter, self._next = self._next, (self._next + 1) % _COUNTERS
        return f"ERX{int(moment.timestamp()):010d}{category}{counter:03d}{user_id}"


def prescription_id(stem: str) -> str:
    """Return the number within an own stem: all its digits."""
    return "".join(character for character in stem if character.isdigit())


def unique(prefix: str, kind: str, moment: datetime, user_id: int, code: str) -> str:
    """Return a barcode as a client would make it; ``kind`` is one of `UNIQUE_KINDS`.

    Only the form with the date is described; the two others are ours.
    """
    local = moment.astimezone(_SOFIA)
    time = local.strftime(_TIMES[kind]) if kind in _TIMES else str(int(moment.timestamp()))
    return f"{prefix}-{time}-{user_id}-{code}"


def another(text: str) -> str:
    """Return the text with every own barcode in it replaced by one of another second."""
    return _OWN.sub(lambda found: f"ERX{int(found['second']) + 1:010d}{found['rest']}", text)


def whole(barcode: str) -> str:
    """Return the barcode without the letter of its slip: what the slips of one form have in common."""
    found = _ON_SLIP.fullmatch(barcode)
    return (found[1] or found[2]) if found else barcode
