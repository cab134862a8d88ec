"""Dates and times as the server reads and writes them.

The server compares and stores the digits of its own wall clock. Its zone is taken to be Europe/Sofia, which no
document states.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.epayment.errors import Unreadable

SOFIA = ZoneInfo("Europe/Sofia")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?)?")


def wall_clock(moment: datetime) -> datetime:
    """Return the digits that the server's clock shows at this moment, without a zone."""
    return moment.astimezone(SOFIA).replace(tzinfo=None)


def read_moment(text: str) -> datetime:
    """Read ISO 8601 as the digits that the server compares. Raises Unreadable.

    An offset is converted to the server's zone. The digits of a time with Z are taken as they are: .NET keeps
    such a time in UTC, and compares it with local time by the digits alone.
    """
    if _ISO.fullmatch(text) is None:
        raise Unreadable(text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(text) from error
    if text.endswith("Z") or read.tzinfo is None:
        return read.replace(tzinfo=None)
    return wall_clock(read)


def with_zone(moment: datetime) -> str:
    """Return a time that the server has just taken: with its offset, and the fraction without zeros at its end."""
    local = moment.astimezone(SOFIA)
    return stored(local.replace(tzinfo=None)) + _offset(local)


def stored(wall: datetime) -> str:
    """Return a time that the server has read from its database: without a zone."""
    whole = wall.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{wall.microsecond:06d}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def round_trip(moment: datetime) -> str:
    """Return .NET's format "o": always seven digits of a second, and the offset."""
    local = moment.astimezone(SOFIA)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}0{_offset(local)}"


def _offset(local: datetime) -> str:
    digits = f"{local:%z}"
    return f"{digits[:3]}:{digits[3:5]}"
