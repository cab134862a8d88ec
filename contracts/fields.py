"""Simple types of fields that more than one system's events have, and what such types are made of.

Each says what can be checked of a value by itself. Patterns are written in the part of the syntax that ECMAScript,
Rust and Python share, because they are checked by pydantic here and by any JSON Schema validator at the hospital. A
limit that is ours is marked so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from contracts.times import MOMENT, NotATime, read_day, read_moment
from contracts.visible_text import INVISIBLE, is_visible

_ISO_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# XML 1.0 cannot carry most control characters at all; line ends and tabs are for the long texts only.
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff"
_LINE_ENDS = r"\t\n\r\u0085\u2028\u2029"
ONE_LINE = rf"^[^{_CONTROL}{_LINE_ENDS}]*[^{INVISIBLE}\ufffe\uffff][^{_CONTROL}{_LINE_ENDS}]*$"
_LINES = rf"^[^{_CONTROL}]*[^{INVISIBLE}\ufffe\uffff][^{_CONTROL}]*$"
LINE_FORM = "one line of text with something visible in it"
_FORMS: dict[str, str] = {}


def formed(max_length: int, pattern: str, form: str) -> StringConstraints:
    """Constrain a text to 1 to ``max_length`` characters of a pattern; ``form`` says the pattern in words."""
    _FORMS[pattern] = form
    return StringConstraints(min_length=1, max_length=max_length, pattern=pattern)


def form_of(pattern: str) -> str:
    """Return a pattern in words."""
    return _FORMS[pattern]


def at_most(items: int) -> BeforeValidator:
    """Return a check that a list has at most this many items; other values than lists pass.

    It runs before the items are checked, as each bad item of an overlong list would be a problem of its own.
    """

    def check(value: object) -> object:
        if isinstance(value, list) and len(value) > items:
            facts = {"field_type": "Tuple", "max_length": items, "actual_length": len(value)}
            raise PydanticKnownError("too_long", facts)
        return value

    return BeforeValidator(check)


def _read_date(value: object) -> object:
    """Take what `read_day` takes: pydantic alone would also take numbers and other times."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return read_day(value)
    except NotATime as error:
        raise PydanticCustomError("iso_date", "not a calendar date", {"what": str(error)}) from None


def _check_visible(text: str) -> str:
    """Refuse what the patterns cannot say: invisible characters beyond the first plane, and combining marks alone."""
    if not is_visible(text):
        raise PydanticCustomError("invisible", "nothing visible")
    return text


VISIBLE = AfterValidator(_check_visible)
"""Beside a pattern that asks for something visible."""


def read_whole(value: object) -> object:
    """Take 2.0 for 2, as JSON Schema does; strings and booleans stay refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_number(value: object) -> object:
    """Take a JSON number by its shortest decimal text, so that 0.3 stays 0.3."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, Decimal):
        return value
    raise PydanticCustomError("json_number", "not a JSON number")


def moment_of(value: object) -> datetime | None:
    """Read a date and time with its zone, as UTC; None for anything else, and for what UTC cannot write."""
    if value is None:
        return None
    try:
        return read_moment(value)
    except NotATime:
        return None


def _read_moment(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return read_moment(value)
    except NotATime as error:
        raise PydanticCustomError("iso_moment", "not a moment", {"what": str(error)}) from None


def utc_text(at: datetime) -> str:
    """Write a time as RFC 3339, in UTC, with milliseconds. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Day = Annotated[
    date,
    BeforeValidator(_read_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _ISO_DATE}),
]
"""A calendar date, ``YYYY-MM-DD`` (xs:date without a zone). A date and time at midnight is taken for its day; the
schema names the date alone, so that generated code has a date."""

Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT}),
]
"""A date and time with its offset, as RFC 3339 writes it. Digits beyond microseconds are cut off."""

Flag = StrictBool

Count = Annotated[int, Field(strict=True, ge=1, le=99), BeforeValidator(read_whole)]
"""xs:positiveInteger; the upper bound is ours."""

Quantity = Annotated[
    Decimal,
    Field(ge=Decimal("0.0001"), le=Decimal(100000)),
    BeforeValidator(_read_number),
    WithJsonSchema({"type": "number", "minimum": 0.0001, "maximum": 100000}),
]
"""xs:decimal; the bounds are ours."""

Line = Annotated[str, formed(255, ONE_LINE, LINE_FORM), VISIBLE]
"""One line of text with something visible in it; the length is our bound."""

LongText = Annotated[
    str,
    formed(2000, _LINES, "text with something visible in it, without control characters"),
    VISIBLE,
]
"""Text of several lines (textBase, reasonBase: up to 2000 characters)."""

Identifier = Annotated[
    str,
    formed(
        255,
        "^[0-9A-Za-z][0-9A-Za-z ./-]*$",
        "Latin letters and digits, between them also spaces, dots, slashes and hyphens",
    ),
]
"""A person's number in some register; which one says the identifier type."""

Uin = Annotated[str, formed(10, "^[0-9]{10}$", "exactly 10 digits")]
"""A medical professional's УИН: 10 digits."""

PracticeNumber = Annotated[str, formed(10, "^[0-9]{10}$", "exactly 10 digits")]
"""The number of a health establishment: 10 digits; the first two are checked by rule RL005."""

Email = Annotated[str, formed(255, "^[!-?A-~]+@[!-?A-~]+$", "an e-mail address with one @")]

NhifCode = Annotated[str, formed(2, "^[0-9]{2}$", "exactly 2 digits")]

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""

UtcTime = Annotated[
    AwareDatetime,
    PlainSerializer(utc_text, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in a model: aware in Python, written as `utc_text` writes it."""
