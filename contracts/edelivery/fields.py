"""The simple types of eDelivery fields: what of a value can be checked by looking at it alone.

Lengths that are marked "confirmed" are those of the public server's tables; the others are ours.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, at_most, formed, read_whole

MOST_ID = 2**31 - 1
"""The largest identifier: the system has whole numbers of 32 bits (confirmed)."""
SUBJECT_UNITS = 255
"""Units of UTF-16 that a subject may have (confirmed)."""
MOST_RECIPIENTS = 100
MOST_FIELDS = 100
MOST_FILES = 20
LARGEST_INLINE = 512 * 1024
"""Bytes of a file that an event holds itself; a larger one is uploaded first."""

SystemId = Annotated[int, Field(strict=True, ge=1, le=MOST_ID), BeforeValidator(read_whole)]
"""An identifier that the system gave: of a profile, a template, a message or a target group."""

FieldId = Annotated[
    str,
    formed(
        36,
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "a field's id as the template has it: a UUID in small letters, with hyphens",
    ),
]
"""The identifier of a field of a template."""

Subject = Annotated[str, formed(SUBJECT_UNITS, ONE_LINE, LINE_FORM), VISIBLE]
"""One line; the length is confirmed."""

ProfileIdentifier = Annotated[
    str, formed(50, "^[0-9A-Za-z][0-9A-Za-z-]*$", "Latin letters, digits and hyphens")
]
"""The number of whom a profile belongs to: EGN, LNCh, EIK. The length is ours."""

ActingName = Annotated[
    str, formed(100, "^[A-Za-z0-9._-]+$", "Latin letters, digits, dots, hyphens and underscores")
]
"""A name that the operator's settings give to whom a signer may represent."""

FieldText = Annotated[str, Field(max_length=100_000)]
"""The text of a field; it may be empty. The length is ours."""

Checked = StrictBool

FileName = Annotated[
    str,
    formed(
        255,
        '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029"/\\\\]*[^\\u0000-\\u0020\\u007f-\\u00a0\\u2028\\u2029"/\\\\.]$',
        "a file's name without folders, quotation marks and control characters, which ends in no dot or space",
    ),
]
"""The name under which the recipient sees a file."""

MediaType = Annotated[
    str, formed(100, "^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$", "a media type, as application/pdf")
]

InlineContent = Annotated[
    str,
    formed(
        (LARGEST_INLINE + 2) // 3 * 4,
        "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "base64 with its padding (RFC 4648), without line breaks",
    ),
]
"""A small file in base64."""

_NAME = "[А-Яа-я0-9 _'\"\\u2010-\\u2015\\u2019\\u201c\\u201e-]"

PersonName = Annotated[
    str,
    formed(
        100,
        f"^{_NAME}*[А-Яа-я]{_NAME}*$",
        "a name in Cyrillic letters, with spaces, hyphens, apostrophes and quotation marks",
    ),
]
"""A name as the system takes it (confirmed: Cyrillic letters а to я, digits, spaces and these signs); the length is
ours, and that it has a letter."""

Phone = Annotated[str, formed(50, "^[+]?[0-9][0-9 ()/-]*$", "digits, with + before them, as 359888000001")]

CountryCode = Annotated[str, formed(2, "^[A-Z]{2}$", "a country's code of two capital letters, as BG")]

Offset = Annotated[int, Field(strict=True, ge=0, le=MOST_ID), BeforeValidator(read_whole)]

Limit = Annotated[int, Field(strict=True, ge=1, le=200), BeforeValidator(read_whole)]
"""How many entries of a list; the upper bound is ours."""

RecipientIds = Annotated[
    tuple[SystemId, ...], Field(min_length=1, max_length=MOST_RECIPIENTS), at_most(MOST_RECIPIENTS)
]
