"""Calendar dates and moments as JSON texts: what is taken, and what is wrong with the rest. Pure.

RFC 3339 allows any number of digits of a second's fraction, and small letters; clients of .NET write seven digits,
those of Java up to nine, and some have no type for a date alone and write midnight.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
"""RFC 3339's date-time, for JSON Schema."""

_LENGTH = len("2025-03-14")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([Tt ].*)?", re.ASCII | re.DOTALL)
_MIDNIGHT = re.compile(r"[Tt ]00:00(:00([.]0+)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?", re.ASCII)
_MOMENT = re.compile(MOMENT[1:-1], re.ASCII)
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}"
_FORM = "as 2025-03-14T09:30:00Z or 2025-03-14T11:30:00.123+02:00"
# What clients write in place of a moment, and what to do about it. The first that fits the whole text is said.
_ALMOST = (
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", f"Give the time too, with its zone, {_FORM}."),
    (r"[0-9-]{10} .*", f"Put a T between date and time, {_FORM}."),
    (rf"{_TIME}([Zz]|[+-].*)?", f"Give the seconds too, {_FORM}."),
    (rf"{_TIME}:[0-9]{{2}}([.][0-9]+)?", "Give the zone too, as Z or +02:00: without it the moment is unknown."),
    (rf"{_TIME}:[0-9]{{2}}([.][0-9]+)?[+-][0-9]{{1,4}}", "Write the offset with a colon, as +02:00."),
    (rf"{_TIME}.*\[.*\]", "Leave out the zone's name in brackets: the offset is enough."),
)  # fmt: skip
_LEAP_SECOND = re.compile(rf"{_TIME}:60.*", re.ASCII | re.DOTALL)
_ALMOST_FORMS = tuple((re.compile(form, re.ASCII | re.DOTALL), what) for form, what in _ALMOST)


class NotATime(ValueError):
    """The value is no date, or no moment; the text says what to do, and quotes nothing of it."""


def read_day(value: object) -> date:
    """Read ``YYYY-MM-DD``, or a date and time at midnight of whatever zone, which means that day.

    Raises NotATime. A time other than midnight is refused: a client that converted it to another zone may have
    moved the day.
    """
    if isinstance(value, str) and len(value) == _LENGTH and value[4] == value[7] == "-":
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the form decides what is said
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise NotATime("Give a calendar date as YYYY-MM-DD.")
    day, time = found.groups()
    if time is not None and not _MIDNIGHT.fullmatch(time):
        raise NotATime("Give the day alone, as YYYY-MM-DD: a date and time is taken only at midnight.")
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise NotATime("Correct the date: there is no such day.") from None


def read_moment(value: object) -> datetime:
    """Read a date and time with its zone, and return it in UTC; digits beyond microseconds are cut off.

    Raises NotATime, also for what UTC cannot write between the years 1 and 9999, and for a leap second: RFC 3339 has
    it, Python's `datetime` cannot hold it, and no register's document says that the register takes it.
    """
    if not isinstance(value, str):
        raise NotATime(f"Give the date and time as a JSON string with its zone, {_FORM}.")
    if not _MOMENT.fullmatch(value):
        raise NotATime(next((what for form, what in _ALMOST_FORMS if form.fullmatch(value)), _MOMENT_ASKED))
    if _LEAP_SECOND.fullmatch(value):
        raise NotATime("Give a second from 00 to 59: for the leap second 60, give second 59 of its minute.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotATime("Correct the date and time: there is no such moment.") from None


_MOMENT_ASKED = f"Give a date and time with its zone, {_FORM}."
