"""The search for medical exemptions: every way to ask, and every problem with its path."""

from __future__ import annotations

from copy import deepcopy

import pytest

from contracts.kz_shep.rules import IIN_RULES
from contracts.registry import EVENT_TYPES, ContractViolation, validate

SEARCH = "kz-shep.medical-exemption.search.v1"
IIN = "720315200006"
PASSPORT = {"passportNumber": "N00000001", "citizenshipCode": "398"}

TABLE = [
    ("the example", EVENT_TYPES[SEARCH].example, []),
    ("a number", {"number": "01085"}, []),
    ("passport and citizenship", PASSPORT, []),
    ("everything", {"number": "1", "iin": IIN, **PASSPORT}, []),
    ("others null", {"number": "1", "iin": None, "passportNumber": None, "citizenshipCode": None}, []),
    ("nothing", {}, [("$.data", "at-least-one")]),
    ("nulls only", {"number": None, "iin": None}, [("$.data", "at-least-one")]),
    ("passport alone", {"passportNumber": "N1"}, [("$.data.citizenshipCode", "together")]),
    ("citizenship alone", {"citizenshipCode": "398"}, [("$.data.passportNumber", "together")]),
    ("citizenship beside an IIN", {"iin": IIN, "citizenshipCode": "398"}, []),
    ("citizenship beside a number", {"number": "1", "citizenshipCode": "398"}, []),
    ("beside a number", {"number": "1", "passportNumber": "N1"}, [("$.data.citizenshipCode", "together")]),
    ("IIN short", {"iin": "72031520000"}, [("$.data.iin", "form")]),
    ("IIN with letters", {"iin": "72031520000A"}, [("$.data.iin", "form")]),
    ("IIN as a number", {"iin": 720315200006}, [("$.data.iin", "type")]),
    ("IIN check digit", {"iin": "720315200007"}, [("$.data.iin", "iin-check-digit")]),
    (
        "IIN without a date",
        {"iin": "721315200000"},
        [("$.data.iin", "iin-check-digit"), ("$.data.iin", "iin-birth-date")],
    ),
    ("blank", {"number": "   "}, [("$.data.number", "form")]),
    ("empty", {"number": ""}, [("$.data.number", "length")]),
    ("two lines", {"number": "1\n2"}, [("$.data.number", "form")]),
    ("too long", {"number": "1" * 101}, [("$.data.number", "length")]),
    ("unknown field", {"number": "1", "nomer": "1"}, [("$.data.nomer", "unknown-field")]),
    ("no object", [], [("$.data", "type")]),
    (
        "all at once",
        {"number": 1, "iin": "720315200007", "passportNumber": "", "other": 1},
        [
            ("$.data.number", "type"),
            ("$.data.passportNumber", "length"),
            ("$.data.other", "unknown-field"),
            ("$.data.citizenshipCode", "together"),
            ("$.data.iin", "iin-check-digit"),
        ],
    ),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_problems(data, expected, today):
    found = []
    try:
        validate(SEARCH, deepcopy(data), today=today)
    except ContractViolation as violation:
        found = [(problem.path, problem.rule) for problem in violation.problems]
    assert found == expected


@pytest.mark.parametrize("number", ["720315200007", "721315200000"])
def test_the_arithmetic_of_an_iin_can_be_waived_and_its_form_cannot(number, today):
    with pytest.raises(ContractViolation):
        validate(SEARCH, {"iin": number}, today=today)
    assert validate(SEARCH, {"iin": number}, today=today, waived=IIN_RULES).iin == number
    with pytest.raises(ContractViolation) as found:
        validate(SEARCH, {"iin": f"{number[:11]}A"}, today=today, waived=IIN_RULES)
    assert [problem.rule for problem in found.value.problems] == ["form"]


def test_leading_zeros_stay(today):
    model = validate(SEARCH, {"number": "00085", "iin": "010101100008"}, today=today)
    assert model.model_dump(by_alias=True, exclude_none=True) == {"number": "00085", "iin": "010101100008"}
