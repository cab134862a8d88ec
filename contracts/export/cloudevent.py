"""The JSON Schema of a submission in structured mode: the CloudEvent around the data, which has its own schema."""

from __future__ import annotations

from typing import Any

from contracts.attributes import MAX_LENGTH, MAX_RNU
from contracts.registry import EVENT_TYPES
from contracts.visible_text import CONTROLS, INVISIBLE

_BARRED = rf"{CONTROLS}\ufffe\uffff"
_ATTRIBUTE = rf"^[^{_BARRED}]*[^{INVISIBLE}\ufffe\uffff][^{_BARRED}]*$"


def cloudevent_schema() -> dict[str, Any]:
    """Return the schema. It lets more members be: CloudEvents allows extension attributes of any name."""
    members = {
        "specversion": {"type": "string", "const": "1.0", "description": "The version of CloudEvents."},
        "id": _attribute("With the source, the submission's permanent identity."),
        "source": _attribute("Who publishes; a URI reference that stays the same."),
        "type": {
            "type": "string",
            "enum": list(EVENT_TYPES),
            "title": "SubmissionEventType",
            "description": "What is submitted, and to which system; `data` has the schema of this name.",
        },
        "signer": _attribute("Extension: which configured identity signs the message, or logs in."),
        "data": {
            "type": "object",
            "description": "The submission itself; the schema of the event's type describes it.",
        },
    }
    optional = {
        "datacontenttype": {
            "type": ["string", "null"],
            "pattern": "^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn] *(;.*)?$",
            "description": "What `data` is: `application/json`, which is also meant where it is absent.",
        },
        "time": {"type": "string", "format": "date-time", "description": "When the event was made; not used."},
        "traceparent": {
            "type": "string",
            "description": "Extension: W3C trace parent, carried on to the reply. A wrong one is passed over.",
        },
        "rnu": {
            **_attribute("Extension: the reference number of the service (РНУ), carried on to the reply.", MAX_RNU),
            "type": ["string", "null"],
        },
        "partitionkey": {
            "type": "string",
            "description": "Extension: the Kafka key that `herald submit` sets; a pseudonym of the patient.",
        },
    }  # fmt: skip
    return {
        "title": "SubmissionEvent",
        "description": "A submission in structured mode of CloudEvents 1.0 (`application/cloudevents+json`).",
        "type": "object",
        "properties": {**members, **optional},
        "required": list(members),
    }


def _attribute(description: str, most: int = MAX_LENGTH) -> dict[str, Any]:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most,
        "pattern": _ATTRIBUTE,
        "description": description,
    }
