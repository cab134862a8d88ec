"""The Retry-After header (RFC 9110, section 10.2.3): seconds, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the wait that was asked for in seconds, more than 0, or None where none was.

    A date counts from the answer's own Date, so that a difference between the two clocks does not matter;
    `now` stands in for a missing one. Header names are lower case.
    """
    asked = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        return float(asked) or None
    until = http_date(asked)
    if until is None:
        return None
    seconds = (until - (http_date(headers.get("date", "")) or now)).total_seconds()
    return seconds if seconds > 0 else None


def http_date(text: str) -> datetime | None:
    """Return the moment that a header such as Date names, UTC where it names no zone; None where it is no date."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
