"""The rules of eForms events, and the forms of their fields."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from contracts.eforms.examples import CASE_MESSAGE, RESPONSE
from contracts.registry import ContractViolation, validate

TODAY = date(2026, 3, 1)
SEND, MESSAGE = "eforms.response.send.v1", "eforms.case.message.v1"
INLINE = {"identifier": "a.txt", "content": "YQ=="}
UPLOADED = {"identifier": "b.pdf", "uploaded": RESPONSE["documents"][0]["uploaded"]}
HALF = "A" * (4 * (200 * 1024 // 3))
LARGEST = "A" * (4 * ((256 * 1024 + 2) // 3))


def problems(event_type, data):
    try:
        validate(event_type, data, today=TODAY)
    except ContractViolation as violation:
        return [(one.path, one.rule) for one in violation.problems]
    return []


def response(**changes):
    return deepcopy(RESPONSE) | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"documents": None}, []),
        ({"documents": []}, []),
        ({"documents": [INLINE, UPLOADED]}, []),
        (
            {"documents": [{**INLINE, "uploaded": UPLOADED["uploaded"]}]},
            [("$.data.documents[0]", "one-way")],
        ),
        ({"documents": [UPLOADED, {"identifier": "c"}]}, [("$.data.documents[1]", "one-way")]),
        (
            {"documents": [INLINE, INLINE]},
            [
                ("$.data.documents[0].identifier", "distinct-documents"),
                ("$.data.documents[1].identifier", "distinct-documents"),
            ],
        ),
        ({"documents": [{**INLINE, "content": HALF}]}, []),
        (
            {"documents": [{**INLINE, "content": HALF}], "specificContent": HALF},
            [("$.data.documents", "inline-size")],
        ),
        ({"documents": [{**INLINE, "content": "не е"}]}, [("$.data.documents[0].content", "form")]),
        (
            {"specificContent": "AAAA" + LARGEST},
            [("$.data.specificContent", "length"), ("$.data.documents", "inline-size")],
        ),
        ({"documents": [{**INLINE, "identifier": "2026/1"}]}, [("$.data.documents[0].identifier", "form")]),
        (
            {"documents": [{**UPLOADED, "uploaded": {"id": "1", "sha256": "AB"}}]},
            [("$.data.documents[0].uploaded.id", "form"), ("$.data.documents[0].uploaded.sha256", "form")],
        ),
        ({"requestDateTime": "2026-03-01"}, [("$.data.requestDateTime", "form")]),
        ({"requestDateTime": "2026-03-01T09:30:00"}, []),
        ({"responseDateTime": "2026-03-01T09:30:00"}, [("$.data.responseDateTime", "date-time")]),
        ({"documents": "a"}, [("$.data.documents", "type")]),
        ({"documents": [1]}, [("$.data.documents[0]", "type")]),
        ({"recipient": 1}, [("$.data.recipient", "unknown-field")]),
    ],
)
def test_responses(changes, expected):
    assert problems(SEND, response(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"processVariables": {}}, []),
        ({"processVariables": {"a": None, "b": [1, {"c": "d"}]}}, []),
        ({"processVariables": None}, [("$.data.processVariables", "invalid")]),
        ({"businessKey": "../cases"}, [("$.data.businessKey", "form")]),
        ({"businessKey": "a/b"}, [("$.data.businessKey", "form")]),
        ({"messageName": ""}, [("$.data.messageName", "length")]),
        ({"withoutTenantId": True}, []),
    ],
)
def test_case_messages(changes, expected):
    assert problems(MESSAGE, deepcopy(CASE_MESSAGE) | changes) == expected
