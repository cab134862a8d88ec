"""Every rule between fields, by what it says of the changed examples."""

from __future__ import annotations

import copy

import pytest

from contracts.bulgarian_person import PersonRule
from contracts.erx.examples import ISSUE as EXAMPLE
from contracts.erx.rules import Rule
from tests.support.person_rules import person_rows

ISSUE = "erx.prescription.issue.v1"
REGISTER = "erx.user.register.v1"
SEARCH = "erx.prescription.search.v1"
DISPENSED = "erx.dispensing.search.v1"
RESERVE = "erx.barcode.reserve.v1"
GENERATE = "erx.barcode.generate.v1"
IMAGE = "erx.barcode.image.v1"


def lines(*changes):
    """The example's first line, once for each change."""
    changed = []
    for index, change in enumerate(changes):
        line = copy.deepcopy(EXAMPLE["lines"][0])
        changed.append({**line, "internalId": str(index), "bookletPart": f"A{index}", **change})
    return {"lines": changed}


def medication(**changes):
    return {"medication": {**EXAMPLE["lines"][0]["medication"], **changes}}


TABLE = [
    # (what is tried, type, changes, the problems found)
    ("the example", ISSUE, {}, []),
    ("no lines", ISSUE, {"lines": []}, [("lines", "length")]),
    ("twenty lines", ISSUE, lines(*[{}] * 20), []),
    ("too many lines, whatever they hold", ISSUE, {"lines": [1] * 21}, [("lines", "length")]),
    (
        "one id twice",
        ISSUE,
        lines({}, {"internalId": "0"}, {}),
        [("lines[1].internalId", "distinct-lines")],
    ),
    (
        "the single id of all lines",
        ISSUE,
        lines({"internalId": "7"}, {"internalId": "7"}, {"internalId": "7"}),
        [],
    ),
    ("a barcode to reserve", RESERVE, {}, []),
    ("a strip twice as many", RESERVE, {"strips": ["A"] * 4}, [("strips", "length")]),
    ("no such strip", RESERVE, {"strips": ["D"]}, [("strips[0]", "choice")]),
    (
        "one row twice",
        ISSUE,
        lines({}, {"bookletPart": "A0"}),
        [("lines[1].bookletPart", "distinct-parts")],
    ),
    ("no rows at all", ISSUE, lines({"bookletPart": None}, {"bookletPart": None}), []),
    ("a part of no strip", ISSUE, lines({"bookletPart": "D0"}), [("lines[0].bookletPart", "form")]),
    ("an id with a space", ISSUE, lines({"internalId": "1 2"}), [("lines[0].internalId", "form")]),
    ("no ICD-10", ISSUE, lines({"diagnosis": "j30.1"}), [("lines[0].diagnosis", "form")]),
    ("ICD-10 without a dot", ISSUE, lines({"diagnosis": "J30"}), []),
    ("no diagnosis", ISSUE, lines({"diagnosis": None}), []),
    (
        "NHIF pays for its own list",
        ISSUE,
        lines(medication(list="sathealth", code="PT000021")),
        [("lines[0].medication.list", "nhif-medication")],
    ),
    (
        "a white form takes the other list",
        ISSUE,
        {"category": "W", **lines(medication(list="sathealth", code="PT000021"))},
        [],
    ),
    ("no category", ISSUE, {"category": "nhif"}, [("category", "choice")]),
    ("a UIN of nine digits", ISSUE, {"prescriber.uin": "123456789"}, [("prescriber.uin", "form")]),
    *person_rows(ISSUE),
    (
        "born tomorrow",
        ISSUE,
        {"patient.identifierType": "lnch", "patient.identifier": "1003000022", "patient.birthDate": "2025-06-02"},
        [("patient.birthDate", "not-in-future")],
    ),
    ("written today", ISSUE, {"authoredOn": "2025-06-01T23:59:59.999Z"}, []),
    ("after midnight in Sofia", ISSUE, {"authoredOn": "2025-06-02T02:59:59+03:00"}, []),
    ("written tomorrow", ISSUE, {"authoredOn": "2025-06-02T00:00:00Z"}, [("authoredOn", "not-in-future")]),
    ("a time without a zone", ISSUE, {"authoredOn": "2025-03-14T09:30:00"}, [("authoredOn", "date-time")]),
    ("no such day", ISSUE, {"authoredOn": "2025-02-30T09:30:00Z"}, [("authoredOn", "date-time")]),
    ("before the year 1", ISSUE, {"authoredOn": "0001-01-01T00:00:00+14:00"}, [("authoredOn", "date-time")]),
    (
        "an examination that ends before it begins",
        ISSUE,
        {"encounter.end": "2025-03-14T11:19:59+02:00"},
        [("encounter.end", "date-order")],
    ),
    ("a password in place of its name", REGISTER, {"credentials": "pa ss!"}, [("credentials", "form")]),
    ("a password beside its name", REGISTER, {"password": "x"}, [("password", "unknown-field")]),
    ("search no way", SEARCH, {"patient": None}, [("", "some-way")]),
    ("search two ways", SEARCH, {"barcode": "ERX1592863105N00246А"}, []),
    ("search dispensed no way", DISPENSED, {"barcode": None}, [("", "some-way")]),
    ("dispensed ones have no state", DISPENSED, {"activeOnly": True}, [("activeOnly", "unknown-field")]),
    (
        "search with a wrong EGN",
        SEARCH,
        {"patient.identifier": "7223154155"},
        [("patient.identifier", "egn-check-digit")],
    ),
    ("a barcode of a year", GENERATE, {"kind": "year"}, [("kind", "choice")]),
    ("an address in place of a code", IMAGE, {"code": "1&scale=9"}, [("code", "form")]),
    ("scale 0", IMAGE, {"scale": 0}, [("scale", "range")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event_type", "changes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rules(problems, event_type, changes, expected):
    found = problems(event_type, changes)
    assert found == [(f"$.data.{path}" if path else "$.data", rule) for path, rule in expected]


def test_every_rule_is_tried():
    tried = {rule for _, _, _, expected in TABLE for _, rule in expected}
    assert tried >= {rule.value for rule in (*PersonRule, *Rule)}


def test_all_problems_of_one_event_come_together_with_their_paths(problems):
    changes = {
        **lines({}, {"bookletPart": "A0", "diagnosis": "?"}),
        "patient.gender": "man",
        "encounter.id": None,
        "surprise": 1,
    }
    assert set(problems(ISSUE, changes)) == {
        ("$.data.lines[1].bookletPart", "distinct-parts"),
        ("$.data.lines[1].diagnosis", "form"),
        ("$.data.patient.gender", "choice"),
        ("$.data.encounter.id", "type"),
        ("$.data.surprise", "unknown-field"),
    }
