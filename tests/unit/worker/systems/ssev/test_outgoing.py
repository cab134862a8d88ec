"""A message against its template: each type of field, what is missing, and what is no field of it."""

from __future__ import annotations

import pytest

from tests.support.systems.edelivery.answers import field, template
from tests.support.systems.edelivery.making import event
from worker.systems.port import Refused
from worker.systems.ssev.outgoing import check_fields, outgoing_of
from worker.systems.ssev.response import template_fields

ID = "11111111-1111-1111-1111-111111111111"
VALUES = {"text": "Текст", "checked": False, "files": [{"name": "a.txt", "content": "aGVsbG8="}]}
TYPES = {
    "text": ("textfield", "textarea", "select", "hidden", "datetime"),
    "checked": ("checkbox",),
    "files": ("file",),
}
OTHERS = ("markdown", "signature")


def message(**value):
    data = {"recipients": [1], "subject": "А", "templateId": 7, "fields": [{"id": ID, **value}]}
    return outgoing_of(event("message.send", data).data, "rnu-1")


def problems(sent, *fields):
    try:
        check_fields(sent, template_fields(template(*fields)))
    except Refused as refused:
        return [(one.path, one.rule) for one in refused.problems]
    return []


CASES = [(kind, way) for kinds in (*TYPES.values(), OTHERS) for kind in kinds for way in VALUES]


@pytest.mark.parametrize(("kind", "way"), CASES)
def test_a_field_takes_the_values_of_its_type_alone(kind, way):
    expected = [] if kind in TYPES[way] else [(f"$.data.fields[0].{way}", "template-field")]
    if kind in OTHERS:
        expected = [("$.data.fields[0]", "template-field")]
    assert problems(message(**{way: VALUES[way]}), field(ID, kind)) == expected


def test_a_field_that_the_template_lacks_is_told():
    other = field("22222222-2222-2222-2222-222222222222", "textfield")
    assert problems(message(text="Текст"), other) == [("$.data.fields[0].id", "template-field")]


def test_what_the_template_requires_must_be_there():
    others = [
        field("22222222-2222-2222-2222-222222222222", "textfield", required=True),
        field("33333333-3333-3333-3333-333333333333", "markdown", required=True),
    ]
    assert problems(message(text=""), field(ID, "textfield", required=True), *others) == [
        ("$.data.fields[0].text", "template-field"),
        ("$.data.fields", "template-field"),
    ]


def test_ids_in_capitals_are_the_same_fields():
    assert problems(message(text="Текст"), {**field(ID, "textfield"), "id": ID.upper()}) == []


def test_files_are_counted_in_the_order_of_the_fields():
    data = {
        "recipients": [1],
        "subject": "А",
        "templateId": 7,
        "fields": [
            {"id": ID, "files": [{"name": name, "content": "aGVsbG8="} for name in ("a", "b")]},
            {"id": ID.replace("1", "2"), "text": "Текст"},
            {"id": ID.replace("1", "3"), "files": [{"name": "c", "content": "aGVsbG8="}]},
        ],
    }
    sent = outgoing_of(event("message.send", data).data, "rnu-1")
    assert [(one.name, one.path) for one in sent.files] == [
        ("a", "$.data.fields[0].files[0]"),
        ("b", "$.data.fields[0].files[1]"),
        ("c", "$.data.fields[2].files[0]"),
    ]
