"""The simple types of eForms fields: what of a value can be checked by looking at it alone. Lengths are ours."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, formed, read_whole

Label = Annotated[str, formed(1000, ONE_LINE, LINE_FORM), VISIBLE]
"""One line: a name of a service or an administration, a number, a code."""

DateTimeText = Annotated[
    str,
    formed(
        40,
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$",
        "a date and time as the request states it, as 2026-03-01T09:30:00+02:00 or without a zone",
    ),
]
"""xs:dateTime as the request has it: its zone may be absent there, and is not invented here."""

FileName = Annotated[
    str,
    formed(
        255,
        '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029"/\\\\]*[^\\u0000-\\u0020\\u007f-\\u00a0\\u2028\\u2029"/\\\\.]$',
        "a file's name without folders, quotation marks and control characters, which ends in no dot or space",
    ),
]
"""A name under which a file can travel over eDelivery."""

LARGEST_INLINE = 256 * 1024
"""Bytes of what is written into the answer itself. Larger documents are uploaded."""

InlineBytes = Annotated[
    str,
    formed(
        (LARGEST_INLINE + 2) // 3 * 4,
        "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "base64 with its padding (RFC 4648), without line breaks",
    ),
]
"""Bytes in base64."""

MOST_DOCUMENTS = 20
MOST_UNITS = 10
"""Identifiers, units and languages of one organisation or service."""

BusinessKey = Annotated[
    str, formed(64, "^[0-9A-Za-z][0-9A-Za-z._-]*$", "Latin letters, digits, dots, hyphens and underscores")
]
"""The number of a case at eForms; it becomes a part of an address."""

MessageId = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1), BeforeValidator(read_whole)]
"""The number of a message in eDelivery: a whole number of 32 bits (confirmed)."""
