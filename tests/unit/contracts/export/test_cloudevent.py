"""The published schema of a CloudEvent and the reading of one take and refuse the same."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from contracts.envelope import BadEvent, decode
from contracts.export.cloudevent import cloudevent_schema
from contracts.export.examples import submission
from contracts.registry import EVENT_TYPES

STRUCTURED = (("content-type", b"application/cloudevents+json"),)
VALIDATOR = Draft202012Validator(cloudevent_schema())
GONE = object()


def structured(contract):
    record = submission(contract)
    attributes = {
        name.removeprefix("ce_"): value for name, value in record["headers"].items() if name.startswith("ce_")
    }
    return json.loads(json.dumps({**attributes, "data": record["value"]}, default=dict))


def taken(event):
    try:
        decode(STRUCTURED, json.dumps(event).encode(), b"k", max_bytes=10**6)
    except BadEvent:
        return False
    return True


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_example_fits(event_type):
    event = structured(EVENT_TYPES[event_type])
    assert VALIDATOR.is_valid(event)
    assert taken(event)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, value)
            for name in ("id", "source", "signer")
            for value in (GONE, None, "", " ", 1, "a", "x" * 255, "x" * 256)
        ),
        *(("id", value) for value in ("\u200b", "a\u200b", "\u00a0", "a\nb", "a\u0085", "Ж", "a\u2028b")),
        *(("specversion", value) for value in (GONE, "0.3", 1.0, "1.0")),
        *(("data", value) for value in (GONE, {})),
        *(
            ("datacontenttype", value)
            for value in (
                None,
                "application/json",
                "Application/JSON; charset=utf-8",
                "text/xml",
                "application/jsonx",
            )
        ),
        ("data_base64", "e30="),
        ("anything", {"else": 1}),
        ("partitionkey", "patient-1"),
    ],
)
def test_schema_and_reading_agree(name, value):
    event = structured(EVENT_TYPES["nhis.immunization.cancel.v1"])
    if value is GONE:
        del event[name]
    else:
        event[name] = value
    assert VALIDATOR.is_valid(event) == taken(event)


def test_types_are_those_of_the_contracts():
    assert cloudevent_schema()["properties"]["type"]["enum"] == list(EVENT_TYPES)
