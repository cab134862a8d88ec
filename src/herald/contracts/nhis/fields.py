"""The simple types of NHIS fields: what of a value can be checked by looking at it alone.

Facets come from the types of NHIS-Entities.xsd 1.6.2 where those are known; a limit that is ours is
marked so. Patterns are written in the part of the syntax that ECMAScript, Rust and Python share, because
they are checked by pydantic here and by any JSON Schema validator at the hospital.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from herald.contracts.forms import formed

_ISO_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# XML 1.0 cannot carry the other control characters at all; line ends and tabs are for the long texts only.
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff"
_ONE_LINE = rf"^[^{_CONTROL}\t\n\r]*[^{_CONTROL}\t\n\r ][^{_CONTROL}\t\n\r]*$"
_LINES = rf"^[^{_CONTROL}]*[^{_CONTROL}\t\n\r ][^{_CONTROL}]*$"


@dataclass(frozen=True, slots=True)
class Coded:
    """Marks a field whose value is a code of an NHIS nomenclature (document D2), e.g. ``CL037``."""

    list_id: str


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

Line = Annotated[str, formed(255, _ONE_LINE, "one line of text, not blank")]
"""One line of text with something visible in it; the length is our bound."""

AddressLine = Annotated[str, formed(2000, _ONE_LINE, "one line of text, not blank")]
"""One line of text, up to 2000 characters (SPEC X001)."""

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

Nrn = Annotated[str, formed(12, "^[0-9A-Za-z]{12}$", "exactly 12 Latin letters and digits")]
"""nrnBase: a number that NHIS gave, exactly 12 letters and digits."""

Lrn = Annotated[
    str, formed(36, "^[0-9A-Za-z-]{1,36}$", "1 to 36 Latin letters, digits and hyphens, best a UUID")
]
"""lrnBase: the hospital's own number of a document, best a UUID; unique for the doctor."""

Uvci = Annotated[str, formed(255, "^[0-9A-Za-z#/-]+$", "Latin letters, digits, hyphens, slashes and #")]
"""uvciBase: the number of a vaccination certificate; its length is our bound."""

Uin = Annotated[str, formed(10, "^[0-9]{10}$", "exactly 10 digits")]
"""A medical professional's УИН: 10 digits."""

PracticeNumber = Annotated[str, formed(10, "^[0-9]{10}$", "exactly 10 digits")]
"""The number of a health establishment: 10 digits; the first two are checked by rule RL005."""

NhifNumber = Annotated[str, formed(10, _ONE_LINE, "one line of text, not blank")]

Phone = Annotated[str, formed(15, "^[0-9]{1,15}$", "1 to 15 digits without signs or spaces")]

Email = Annotated[str, formed(255, "^[!-?A-~]+@[!-?A-~]+$", "an e-mail address with one @")]

Country = Annotated[str, formed(2, "^[A-Z]{2}$", "two capital Latin letters (CL005)")]
"""CL005: two capital letters (ISO 3166)."""

Code = Annotated[
    str,
    formed(20, "^[0-9A-Za-z.+-]{1,20}$", "a key of the nomenclature: Latin letters, digits, dots and signs"),
]
"""A key of a nomenclature. Keys change, so they are checked against the cached lists, not here."""

NhifCode = Annotated[str, formed(2, "^[0-9]{2}$", "exactly 2 digits")]

NhifVaccineCode = Annotated[str, formed(2, "^[0-9A-Za-z]{2}$", "exactly 2 Latin letters or digits")]

Ekatte = Annotated[str, formed(5, "^[0-9]{5}$", "exactly 5 digits")]

Batch = Annotated[
    str,
    formed(22, "^[!-~]([ -~]*[!-~])?$", "up to 22 Latin letters, digits and signs, as printed on the pack"),
]
"""lotBase, snBase: 1 to 22 characters as printed on the pack (Latin letters, digits, ASCII signs)."""
