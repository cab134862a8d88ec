"""Simple types of fields that more than one system's events have: what can be checked of a value by itself.

Patterns are written in the part of the syntax that ECMAScript, Rust and Python share, because they are checked by
pydantic here and by any JSON Schema validator at the hospital. A limit that is ours is marked so.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts.forms import formed

_ISO_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# XML 1.0 cannot carry the other control characters at all; line ends and tabs are for the long texts only.
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff"
ONE_LINE = rf"^[^{_CONTROL}\t\n\r]*[^{_CONTROL}\t\n\r ][^{_CONTROL}\t\n\r]*$"
_LINES = rf"^[^{_CONTROL}]*[^{_CONTROL}\t\n\r ][^{_CONTROL}]*$"


def _read_date(value: object) -> object:
    """Take ``YYYY-MM-DD`` and nothing else: pydantic alone would also take numbers and times."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("iso_date", "not a calendar date in the form YYYY-MM-DD")


def _read_whole(value: object) -> object:
    """Take 2.0 for 2, as JSON Schema does; strings and booleans stay refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_number(value: object) -> object:
    """Take a JSON number by its shortest decimal text, so that 0.3 stays 0.3."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, Decimal):
        return value
    raise PydanticCustomError("json_number", "not a JSON number")


Day = Annotated[
    date,
    BeforeValidator(_read_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _ISO_DATE}),
]
"""A calendar date, ``YYYY-MM-DD`` (xs:date without a zone)."""

Flag = StrictBool

Count = Annotated[int, Field(strict=True, ge=1, le=99), BeforeValidator(_read_whole)]
"""xs:positiveInteger; the upper bound is ours."""

Quantity = Annotated[
    Decimal,
    Field(ge=Decimal("0.0001"), le=Decimal(100000)),
    BeforeValidator(_read_number),
    WithJsonSchema({"type": "number", "minimum": 0.0001, "maximum": 100000}),
]
"""xs:decimal; the bounds are ours."""

Line = Annotated[str, formed(255, ONE_LINE, "one line of text, not blank")]
"""One line of text with something visible in it; the length is our bound."""

LongText = Annotated[str, formed(2000, _LINES, "text, not blank, without control characters")]
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
