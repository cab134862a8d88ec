"""The data of the two NHIF events: which service, and what it is given.

Which services there are, and what each takes, is the operator's catalogue; the contract says only what holds for
all of them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from contracts.forms import formed
from contracts.model import ContractModel

MOST_PARAMETERS = 20
"""Ours: the specification names no limit."""
LONGEST_PARAMETER = 255
"""Characters. Ours, so that addresses stay below what servers commonly take."""
PARAMETER_NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$"
PARAMETER_TEXT = "^[^\\u0000-\\u001f\\u007f]+$"

PathName = Annotated[
    str,
    formed(
        64,
        "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "letters a-z, digits and . _ -, beginning with a letter or digit",
    ),
]
"""Part of the address as the specification's own examples have it: pspsmi, v1.2, PBR001."""

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
                    {"type": ["number", "boolean", "null"]},
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


def _one_body() -> ConfigDict:
    """Publish in the schema what the rule `one-way` checks."""
    branches: list[Any] = [
        {"required": [way], "properties": {way: {"not": {"type": "null"}}}} for way in ("json", "xml")
    ]
    return ConfigDict(json_schema_extra={"oneOf": branches})


class _Service(ContractModel):
    module: PathName
    """The module that provides the service, e.g. `pspsmi`."""
    version: PathName
    """The version of the service, e.g. `v1.2`."""
    service: PathName
    """The service, e.g. `PBR001`."""


class ReadService(_Service):
    """Read a list or a report of NHIF (GET). The operator's catalogue says which services there are."""

    parameters: Parameters = None
    """By name, as the catalogue has them: texts, numbers, true or false. They become parts of the address, in the
    catalogue's order."""


class SubmitDocument(_Service):
    """Submit an electronic request or document to NHIF (POST): its content as `json` or as `xml`, exactly one."""

    model_config = _one_body()

    json_body: Annotated[Any, Field(alias="json")] = None
    """The document as JSON, whatever the service takes; sent as it is, in UTF-8 and without spaces. Numbers are
    doubles: what needs more digits is a text."""
    xml: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The document as XML in UTF-8; sent as it is, byte for byte."""
