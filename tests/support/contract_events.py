"""Events that pass their contract: the examples as submissions, and any other by its JSON Schema."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from contracts.content_hash import meaning_hash
from contracts.registry import EVENT_TYPES, ContractViolation, validate
from tests.support.systems.edelivery.events import agree_on_edelivery
from tests.support.systems.epayment.events import agree_on_epayment
from tests.support.systems.erx.events import agree_on_erx
from tests.support.systems.regix.events import agree_on_regix
from worker.submission import Submission

TODAY = date(2026, 3, 1)

STRUCTURED = {
    "specversion": "1.0",
    "source": "/his",
    "id": "1",
    "signer": "dr-example",
    "type": "nhis.immunization.cancel.v1",
    "partitionkey": "patient-1",
    "data": {"nrn": "25073B00Q1X3", "reason": "Грешна партида"},
}
"""An event in structured mode, as a file of `herald submit` has it."""

_PATIENTS: list[dict[str, Any]] = [
    # Invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
    {"identifierType": "egn", "identifier": "7223154154", "birthDate": "1872-03-15", "gender": "female"},
    {
        "identifierType": "passport",
        "identifier": "X 123-45/6",
        "birthDate": "1990-02-28",
        "gender": "unknown",
    },
    {"identifierType": "newborn", "identifier": "1", "birthDate": "2026-01-01", "gender": "male"},
]


def submission(event_type: str, data: Any = None, *, signer: str = "one", event_id: str = "1") -> Submission:
    """Return a submission of this type, by default with the contract's example as its data."""
    contract = EVENT_TYPES[event_type]
    model = validate(event_type, contract.example if data is None else data, today=TODAY)
    return Submission(
        source="https://hospital.test",
        id=event_id,
        type=event_type,
        system=contract.system,
        operation=contract.operation,
        signer=signer,
        key=b"pseudonym",
        data=model,
        content_hash=b"hash",
        meaning_hash=meaning_hash(event_type, signer, model),
    )


@st.composite
def submissions(draw: st.DrawFn, event_type: str) -> Submission:
    """Draw any submission of this type that passes its contract."""
    data = copy.deepcopy(draw(_data(event_type)))
    if event_type.startswith("erx."):
        agree_on_erx(draw, event_type, data)
    elif event_type.startswith("regix."):
        agree_on_regix(draw, data)
    elif event_type.startswith("epayment."):
        agree_on_epayment(draw, event_type, data)
    elif event_type.startswith("edelivery."):
        agree_on_edelivery(draw, event_type, data)
    else:
        _agree(draw, data)
    try:
        return submission(event_type, data)
    except ContractViolation:
        assume(False)
        raise


@functools.cache
def _data(event_type: str) -> st.SearchStrategy[Any]:
    schema = EVENT_TYPES[event_type].model.model_json_schema(by_alias=True)
    return _values(schema, schema.get("$defs", {}))


def _values(schema: dict[str, Any], defs: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema and "type" not in schema:
        return st.one_of([_values(one, defs) for one in schema["anyOf"] if one.get("type") != "null"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "object":
        members = {name: _values(one, defs) for name, one in schema["properties"].items()}
        required = {name: members.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(required, optional=members)
    if schema["type"] == "array":
        return st.lists(_values(schema["items"], defs), min_size=schema.get("minItems", 0), max_size=3)
    return _LEAVES[schema["type"]](schema)


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates(date(2025, 1, 1), TODAY).map(date.isoformat)
    if schema.get("format") == "date-time":
        moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 2, 28))  # noqa: DTZ001 - hypothesis wants none
        return moments.map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
    if "pattern" not in schema:
        return st.text(min_size=schema.get("minLength", 0), max_size=20)
    pattern = schema["pattern"].removeprefix("^").removesuffix("$")
    texts = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="utf-8"))
    return texts.filter(
        lambda text: schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 10**6)
    )


_LEAVES: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "boolean": lambda _: st.booleans(),
    "integer": lambda schema: st.integers(schema.get("minimum", 1), schema.get("maximum", 99)),
    "number": lambda schema: st.floats(schema["minimum"], schema["maximum"]),
    "string": _text,
}


def _agree(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Make fields agree that the rules tie together; whatever else a rule refuses is drawn anew."""
    ways = [way for way in ("nrn", "lrn", "certificateNumber", "patient") if way in data]
    if not {"performer", "reaction", "reason"} & data.keys():
        kept = draw(st.sampled_from(ways)) if ways else "nrn"
        for way in ways:
            if way != kept:
                del data[way]
        data.setdefault(kept, "0A1B2C3D4E5F")
        if kept == "patient":
            data["fromDate"] = "2025-01-01"
        else:
            data.pop("fromDate", None)
            data.pop("toDate", None)
    if "patient" in data:
        known = draw(st.sampled_from(_PATIENTS))
        data["patient"].update({name: known[name] for name in known if name in data["patient"]})
        _agree_on_address(data["patient"])
    if "performer" in data:
        _agree_on_performer(data["performer"])
    if "immunization" in data:
        _agree_on_doses(data["immunization"])
    if "reaction" in data:
        data["reaction"].pop("endDate", None)


def _agree_on_address(patient: dict[str, Any]) -> None:
    if "address" not in patient:
        return
    if patient["address"]["country"] == "BG":
        patient["address"].update(county="SOF", ekatte="68134")
    else:
        patient["address"].pop("county", None)
        patient["address"].pop("ekatte", None)


def _agree_on_performer(performer: dict[str, Any]) -> None:
    performer["practiceNumber"] = "22" + performer["practiceNumber"][2:]
    performer.pop("deputyUin", None)
    if performer["role"] != "titular":
        performer["deputyUin"] = "0000000002"


def _agree_on_doses(immunization: dict[str, Any]) -> None:
    immunization["occurrence"] = "2026-02-01"
    for name in ("nextDoseDate", "seriesDoses"):
        immunization.pop(name, None)
    if "previousNrn" in immunization:
        immunization.pop("externalPrevious", None)
    if "externalPrevious" in immunization:
        immunization["externalPrevious"]["occurrence"] = "2024-02-01"
