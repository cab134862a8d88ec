"""The rules between fields of eDelivery's events: each with an event that keeps it and one that breaks it."""

from __future__ import annotations

import base64
from copy import deepcopy
from datetime import date

import pytest

from contracts.edelivery.events import NOTIFICATIONS
from contracts.edelivery.fields import LARGEST_INLINE
from contracts.registry import EVENT_TYPES, ContractViolation, validate

TODAY = date(2026, 3, 1)
SEND, REGISTER, LIST = "message.send", "profile.register-passive", "inbox.list"


def problems(name, change):
    data = deepcopy(dict(EVENT_TYPES[f"edelivery.{name}.v1"].example))
    change(data)
    try:
        validate(f"edelivery.{name}.v1", data, today=TODAY)
    except ContractViolation as violation:
        return [(one.rule, one.path) for one in violation.problems]
    return []


def put(*path, value):
    def change(data):
        for name in path[:-1]:
            data = data[name]
        data[path[-1]] = value

    return change


def drop(*path):
    def change(data):
        for name in path[:-1]:
            data = data[name]
        del data[path[-1]]

    return change


FILE = ("fields", 1, "files", 1)
BROKEN = {
    "no-value": (SEND, drop("fields", 0, "text"), [("one-way", "$.data.fields[0]")]),
    "two-values": (SEND, put("fields", 0, "checked", value=True), [("one-way", "$.data.fields[0]")]),
    "file-without-content": (SEND, drop(*FILE, "content"), [("one-way", "$.data.fields[1].files[1]")]),
    "field-twice": (
        SEND,
        lambda data: data["fields"].append(deepcopy(data["fields"][0])),
        [("distinct-fields", "$.data.fields")],
    ),
    "recipient-twice": (SEND, put("recipients", value=[1, 2, 1.0]), [("distinct-recipients", "$.data.recipients")]),
    "subject-of-emoji": (SEND, put("subject", value="🙂" * 128), [("fits-column", "$.data.subject")]),
    "subject-too-long": (SEND, put("subject", value="А" * 256), [("length", "$.data.subject")]),
    "large-file": (
        SEND,
        put(*FILE, "content", value=base64.b64encode(bytes(LARGEST_INLINE + 1)).decode()),
        [("inline-file", "$.data.fields[1].files[1].content")],
    ),
    "file-name-with-folder": (SEND, put(*FILE, "name", value="../a.pdf"), [("form", "$.data.fields[1].files[1].name")]),
    "file-name-with-quotes": (SEND, put(*FILE, "name", value='a".pdf'), [("form", "$.data.fields[1].files[1].name")]),
    "file-id": (
        SEND,
        put("fields", 1, "files", 0, "uploaded", "id", value="../1"),
        [("form", "$.data.fields[1].files[0].uploaded.id")],
    ),
    "field-id-in-capitals": (
        SEND,
        put("fields", 0, "id", value="179EA4DC-7879-43AD-8073-72B263915656"),
        [("form", "$.data.fields[0].id")],
    ),
    "company-number": (REGISTER, put("identifier", value="000000001"), [("person-number", "$.data.identifier")]),
    "wrong-digit": (REGISTER, put("identifier", value="7223154155"), [("person-number", "$.data.identifier")]),
    "latin-name": (REGISTER, put("firstName", value="Radka"), [("form", "$.data.firstName")]),
    "no-address": (REGISTER, drop("address"), [("required", "$.data.address")]),
    "days": (LIST, put("sentTo", value="2025-03-13"), [("days-in-order", "$.data.sentTo")]),
    "page-of-all": (LIST, put("limit", value=1000), [("range", "$.data.limit")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_is_told_with_its_path(name):
    event, change, expected = BROKEN[name]
    assert problems(event, change) == expected


KEPT = {
    "empty-text": (SEND, put("fields", 0, "text", value="")),
    "longest-subject": (SEND, put("subject", value="А" * 255)),
    "largest-file": (SEND, put(*FILE, "content", value=base64.b64encode(bytes(LARGEST_INLINE)).decode())),
    "lnch": (REGISTER, put("identifier", value="1003000022")),
    "double-name": (REGISTER, put("lastName", value="Измислена-Примерова")),
    "one-day": (LIST, put("sentTo", value="2025-03-14")),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_keeps_the_rules_passes(name):
    event, change = KEPT[name]
    assert problems(event, change) == []


def test_the_example_of_the_notification_fits_its_contract():
    for one in NOTIFICATIONS:
        assert one.model.model_validate(one.example, by_alias=True, by_name=False)
