"""The simple types of NHIF fields: what of a value can be checked by looking at it alone."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from contracts.fields import ONE_LINE, formed

MOST_PARAMETERS = 20
"""Ours: the specification names no limit."""
LONGEST_PARAMETER = 255
"""Characters. Ours, so that addresses stay below what servers commonly take."""
PARAMETER_NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$"
PARAMETER_TEXT = ONE_LINE

PathName = Annotated[
    str,
    formed(
        64,
        "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "letters a-z, digits and . _ -, beginning with a letter or digit",
    ),
]
"""Part of the address as the specification's own examples have it: pspsmi, v1.2, PBR001."""

Reference = Annotated[
    str, formed(100, "^[!-~]+( [!-~]+)*$", "ASCII letters, digits and signs, with single spaces between them")
]
"""What NHIF knows a document by, as a person states it."""

LARGEST_DOCUMENT = 8 * 1024 * 1024
"""Bytes of a binary document, or of all parts of a multipart one together. Ours; Kafka's own limit of an event is
mostly lower."""
MOST_PARTS = 20
"""Ours: the specification names no limit."""

Base64 = Annotated[
    str,
    formed(
        (LARGEST_DOCUMENT + 2) // 3 * 4,
        "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "base64 with its padding (RFC 4648), without line breaks",
    ),
]
"""Bytes that are no text."""

MediaType = Annotated[
    str, formed(100, "^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$", "a media type, as application/pdf")
]

PartName = Annotated[str, formed(64, "^[A-Za-z0-9._-]+$", "letters a-z, digits and . _ -")]

FileName = Annotated[
    str,
    formed(
        255,
        '^[^\\u0000-\\u001f\\u007f"/\\\\]+$',
        "a file's name without folders, quotation marks and control characters",
    ),
]

_PARAMETERS: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "maxProperties": MOST_PARAMETERS,
            "propertyNames": {"pattern": PARAMETER_NAME},
            "additionalProperties": {
                "anyOf": [
                    {
                        "type": "string",
                        "maxLength": LONGEST_PARAMETER,
                        "pattern": PARAMETER_TEXT,
                        "not": {"enum": [".", ".."]},
                    },
                    {"type": ["number", "null"]},
                    {"type": "boolean"},
                ]
            },
        },
        {"type": "null"},
    ],
    "default": None,
}


def _given(value: Any) -> Any:
    """Leave out what is null, as everywhere in the contracts; the rules have looked at the rest."""
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if one is not None}


Parameters = Annotated[Any, AfterValidator(_given), WithJsonSchema(_PARAMETERS)]
"""Names to values. Their rules are in `rules`: pydantic's errors would quote names, which are the sender's text."""
