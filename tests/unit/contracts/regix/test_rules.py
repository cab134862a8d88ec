"""The event of RegiX: one argument, and that of its operation. The person is invented."""

from __future__ import annotations

import pytest

from contracts.registry import ContractViolation, validate
from contracts.regix.arguments import FIELDS
from contracts.settlements import settled_data

EVENT = "regix.report.request.v1"
EGN = "7223154154"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"argument": None, "xml": "<a/>"}, []),
        ({"operation": "GetActualState", "argument": None, "xml": "<a/>"}, []),
        ({"operation": "CRCNumbers.GetCompanyInfo", "argument": None, "xml": "<a/>"}, []),
        ({"xml": "<a/>"}, [("$.data", "one-way")]),
        ({"argument": None}, [("$.data", "one-way")]),
        ({"argument": None, "xml": ""}, [("$.data.xml", "length")]),
        ({"operation": "GetActualState"}, [("$.data.argument", "argument")]),
        (
            {"operation": "GetActualState", "xml": "<a/>"},
            [("$.data", "one-way"), ("$.data.argument", "argument")],
        ),
        ({"argument": {}}, [("$.data.argument.egn", "argument")]),
        ({"argument": {"egn": None}}, [("$.data.argument.egn", "argument")]),
        ({"argument": {"egn": EGN, "searchDate": None}}, []),
        (
            {"argument": {"egn": EGN, "searchDate": "2025-03-14"}},
            [("$.data.argument.searchDate", "argument")],
        ),
        ({"operation": "PermanentAddressSearch"}, [("$.data.argument.searchDate", "argument")]),
        (
            {"operation": "GetHospitalSheetsData"},
            [
                ("$.data.argument.identifier", "argument"),
                ("$.data.argument.identifierType", "argument"),
                ("$.data.argument.egn", "argument"),
            ],
        ),
        ({"argument": {"egn": "722315415"}}, [("$.data.argument.egn", "form")]),
        ({"argument": {"egn": 7223154154}}, [("$.data.argument.egn", "type")]),
        ({"argument": {"egn": EGN, "other": 1}}, [("$.data.argument.other", "unknown-field")]),
        ({"argument": {"egn": EGN, EGN: 1}}, [("$.data.argument.?", "unknown-field")]),
        ({"argument": "x"}, [("$.data.argument", "type")]),
        ({"operation": ""}, [("$.data.operation", "length"), ("$.data.argument", "argument")]),
        ({"operation": "a b", "argument": None, "xml": "<a/>"}, [("$.data.operation", "form")]),
        ({"operation": 1}, [("$.data.operation", "type")]),
        ({"context": None}, [("$.data.context", "type")]),
        ({"context.lawReason": None}, [("$.data.context.lawReason", "type")]),
        ({"context.lawReason": " "}, [("$.data.context.lawReason", "form")]),
        ({"context.serviceUri": "a\nb"}, [("$.data.context.serviceUri", "form")]),
        ({"context.serviceType": "x" * 501}, [("$.data.context.serviceType", "length")]),
        ({"context.employeeEgn": EGN}, [("$.data.context.employeeEgn", "unknown-field")]),
        ({"employeeEgn": EGN, "citizenEgn": EGN}, []),
        ({"citizenEgn": "1"}, [("$.data.citizenEgn", "form")]),
        ({"asynchronous": "true"}, [("$.data.asynchronous", "type")]),
        ({"signResult": None}, [("$.data.signResult", "type")]),
    ],
)
def test_rules(problems, changes, expected):
    assert problems(EVENT, changes) == expected


@pytest.mark.parametrize("field", ["serviceUri", "serviceType", "lawReason"])
def test_nothing_of_the_context_has_a_default(problems, removed, field):
    assert problems(EVENT, {f"context.{field}": removed}) == [(f"$.data.context.{field}", "required")]


@pytest.mark.parametrize("operation", FIELDS)
def test_each_known_argument_needs_all_its_fields(problems, operation):
    paths = {
        path for path, rule in problems(EVENT, {"operation": operation, "argument": {}}) if rule == "argument"
    }
    assert paths == {f"$.data.argument.{name}" for name in FIELDS[operation]}


@pytest.mark.parametrize("data", [None, [], "x", 1, {"argument": [], "operation": []}])
def test_no_data_makes_the_rules_raise(data, today):
    with pytest.raises(ContractViolation):
        validate(EVENT, data, today=today)


def test_who_found_a_request_states_its_number():
    assert settled_data(EVENT, {"serviceCallId": "1024"}, identity="i", asked={}) == {"serviceCallId": "1024"}
    for wrong in ({}, {"serviceCallId": "x"}, {"serviceCallId": "1", "report": None}):
        with pytest.raises(ContractViolation):
            settled_data(EVENT, wrong, identity="i", asked={})
