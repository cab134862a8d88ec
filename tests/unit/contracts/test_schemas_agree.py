"""The published JSON Schemas and the models take and refuse the same data.

What only the rules between fields know is outside this: the schemas cannot say it, except "exactly one of".
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from contracts.registry import EVENT_TYPES, ContractViolation, validate
from contracts.visible_text import INVISIBLE, is_visible
from tests.support.published import published_schemas

SCHEMAS = published_schemas()
VALIDATORS = {
    event_type: Draft202012Validator(SCHEMAS[event_type], format_checker=FormatChecker(["date"]))
    for event_type in EVENT_TYPES
}
# Problems of the shape of the data; the other rules are between fields.
SHAPE = {
    "required",
    "unknown-field",
    "type",
    "date",
    "choice",
    "form",
    "length",
    "range",
    "one-way",
    "some-way",
    "date-time",
    "at-least-one",
    "together",
    "invalid",
}

# Words and numbers at the edges of what fields take. A text that ends in a line break is left out: Python's `$`
# alone matches before it, so that here the schema's validator would differ from every other one.
WORDS = (
    *("", " ", "A", "a", "Ж", "egn", "male", "titular", "BG", "bg", "1", "00", "01", "68134", "0000000001"),
    *(
        "25073B00Q1X3",
        "1872-03-15",
        "1872-02-30",
        "2025-3-1",
        "Z24.6",
        "-1000",
        "a@b",
        "a@b@c",
        "a\nb",
        "a\u0085b",
        "a\u2028b",
        "\u00a0",
        "\u200b\u2060",
        "\u0085",
        "\u2029",
        "\u3164",
        "a\u00a0b",
        "a\u200b",
        "a\u0099",
        "a\0b",
    ),
    *(
        "x" * 22,
        "x" * 23,
        "x" * 36,
        "x" * 37,
        "x" * 255,
        "x" * 256,
        "x" * 2000,
        "x" * 2001,
        "9" * 15,
        "9" * 16,
    ),
)
FIGURES = (0, 1, 2, 99, 100, 1.0, 1.5, -1, 0.5, 0.0001, 0.00001, 100000, 100001)
EDGES = (
    None,
    True,
    False,
    [],
    {},
    ["A"],
    ["A"] * 20,
    ["A"] * 21,
    {"code": "1", "nhifCode": "00"},
    *WORDS,
    *FIGURES,
)

# Nor can a portable pattern say which characters beyond the first plane are invisible, or which are combining marks.
PORTABLE = re.compile(f"[^{INVISIBLE}]")
TEXTS = st.sampled_from(WORDS) | st.text(max_size=30).filter(
    lambda text: not text.endswith("\n") and bool(PORTABLE.search(text)) == is_visible(text)
)
NUMBERS = st.sampled_from(FIGURES)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inside:
        yield from places(member, (*path, name))


_OF_A_LIST = {"templateId": 1, "offset": 0, "limit": 10, "onBehalfOf": "a"}
_MORE = {
    "edelivery.inbox.list.v1": _OF_A_LIST,
    "edelivery.outbox.list.v1": _OF_A_LIST,
    "edelivery.profile.search.v1": {"templateId": 1, "onBehalfOf": "a"},
    "edelivery.message.open.v1": {"forwardedMessageId": 1},
    "edelivery.profile.register-passive.v1": {"address": {"residence": "A", "city": "A", "state": "A"}},
}


def full(event_type):
    """The example with every optional field given, so that each is changed at some time."""
    data = deepcopy(dict(EVENT_TYPES[event_type].example))
    if event_type == "nhis.immunization.register.v1":
        data["patient"] |= {"nhifInsuranceNumber": "1", "email": "a@b"}
        data["performer"] |= {"phone": "1", "email": "a@b", "rhifAreaNumber": "22", "nhifNumber": "1"}
        data["immunization"] |= {
            "series": "A",
            "serialNumber": "S1",
            "booster": False,
            "specialCase": False,
            "previousNrn": "25073B00Q1X3",
            "note": "A",
            "externalPrevious": {
                "occurrence": "2025-01-01",
                "vaccineName": "A",
                "vaccineAtc": "J07",
                "vaccineInn": "A",
                "serialNumber": "S",
                "lotNumber": "L",
                "country": "DE",
                "authority": "A",
            },
        }
    if event_type == "erx.prescription.issue.v1":
        data |= {"seed": "1", "bookletNumber": "1080005"}
        data["patient"]["address"] = "A"
        data["lines"][0]["medication"]["list"] = "nhif"
    if event_type in {"erx.prescription.search.v1", "erx.dispensing.search.v1"}:
        data |= {"barcode": "A", "internalId": "A", "bookletNumber": "1", "medicationCode": "A"}
    if event_type == "erx.user.register.v1":
        data["organization"]["nhifBranch"] = "01"
    if event_type.startswith("epayment.payment.request"):
        data |= {"currency": "EUR", "paymentTypeCode": "448007", "obligationType": "1"}
        data |= {"additionalInformation": "A", "administrativeServiceUri": "A"}
        data["administrativeServiceSupplierUri"] = "A"
    if event_type == "epayment.payment.request-extended.v1":
        data["payOrder"] = 1
    if event_type == "kz-shep.medical-exemption.search.v1":
        data |= {"number": "1", "passportNumber": "N1", "citizenshipCode": "398"}
    return data | deepcopy(_MORE.get(event_type, {}))


SIMPLE = {
    "number",
    "note",
    "lotNumber",
    "phone",
    "birthDate",
    "doseNumber",
    "primarySource",
    "role",
    "country",
    "nrn",
    "reason",
}


def put(data, path, value):
    for name in path[:-1]:
        data = data[name]
    data[path[-1]] = value


@st.composite
def changed_data(draw):
    event_type = draw(st.sampled_from(sorted(EVENT_TYPES)))
    data = full(event_type)
    for _ in range(draw(st.integers(0, 3))):
        if not data:
            break
        path = draw(st.sampled_from([place for place in places(data) if place]))
        parent = data
        for name in path[:-1]:
            parent = parent[name]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                parent[path[-1]] = draw(VALUES)
            case "remove":
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(TEXTS)] = draw(VALUES)
    return event_type, data


def shape_is_right(event_type, data):
    try:
        validate(event_type, data, today=date(2025, 6, 1))
    except ContractViolation as violation:
        return not any(problem.rule in SHAPE for problem in violation.problems)
    return True


@given(changed_data())
@settings(max_examples=300, deadline=None)
def test_model_and_schema_agree(case):
    event_type, data = case
    assert VALIDATORS[event_type].is_valid(data) == shape_is_right(event_type, data)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_they_agree_on_every_field(event_type):
    taken = set()
    for path in places(full(event_type)):
        for edge in EDGES if path else ():
            data = full(event_type)
            put(data, path, edge)
            right = shape_is_right(event_type, data)
            assert VALIDATORS[event_type].is_valid(data) == right, (path, edge)
            if right:
                taken.add(path)
    # Every field that holds one value takes some of the edges: else the comparison would say nothing of it.
    assert taken >= {path for path in places(full(event_type)) if path and path[-1] in SIMPLE}


PART = {"base64": "YQ==", "text": "a", "json": 1, "xml": "<a/>"}
SEARCH = {"number": "1", "iin": "720315200006", "passportNumber": "N1", "citizenshipCode": "398"}


def document(part):
    return {**full("nhif.document.submit.v1"), "json": None, "multipart": [{"name": "a", **part}]}


def search(members):
    return members


@pytest.mark.parametrize(
    ("event_type", "data", "members"),
    [("nhif.document.submit.v1", document, PART), ("kz-shep.medical-exemption.search.v1", search, SEARCH)],
)
def test_they_agree_on_every_choice_of_ways(event_type, data, members):
    """Each member is absent, null or given."""
    right = []
    for states in product(("absent", "null", "given"), repeat=len(members)):
        chosen = dict(zip(members, states, strict=True))
        case = data(
            {
                name: None if chosen[name] == "null" else value
                for name, value in members.items()
                if chosen[name] != "absent"
            }
        )
        right.append(shape_is_right(event_type, case))
        assert VALIDATORS[event_type].is_valid(case) == right[-1], chosen
    assert set(right) == {True, False}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_full_data_is_right_for_both(event_type):
    assert VALIDATORS[event_type].is_valid(full(event_type))
    assert shape_is_right(event_type, full(event_type))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == f"urn:herald:schema:{name}"


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - set(EVENT_TYPES)))
def test_reply_schemas_let_more_members_come(name):
    assert "'additionalProperties': False" not in str(SCHEMAS[name])
