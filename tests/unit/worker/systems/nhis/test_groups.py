"""A compiled table places what the table says, row by row."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.contract_events import submissions
from worker.systems.nhis import fields, request
from worker.systems.nhis.dates import Days
from worker.systems.nhis.fields import Field
from worker.systems.nhis.groups import Group
from worker.systems.nhis.settings import Name

DAYS = Days(ZoneInfo("Europe/Sofia"), time(0, 0))


def at(data, path):
    """What an event holds at a dotted path, or None."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def leaves(values, path=""):
    """Every leaf of a message's values with its path, in order; an attribute `value` is the element's own."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}/{name}")
        elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
            for number, one in enumerate(value):
                yield from leaves(one, f"{path}/{name}[{number}]")
        else:
            yield f"{path}/{name}".removesuffix("/@value").replace("/@", "@"), value


def expected(rows, data, path=""):
    """The same, row by row: each row's own path through the event."""
    for row in rows:
        found = at(data, row.name)
        if found is None:
            continue
        if row.rows:
            for number, one in enumerate(found):
                yield from expected(row.rows, one, f"{path}/{row.element}[{number}]")
        else:
            told = [written(row, one) for one in found] if row.many else written(row, found)
            yield f"{path}/{row.element}", told


def written(row, value):
    (told,) = (
        Group.of([Field("x", "x", codes=row.codes, time_of_day=row.time_of_day)])
        .values({"x": value}, DAYS)
        .values()
    )
    return told


@pytest.mark.parametrize("name", list(Name))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_every_value_of_an_event_comes_to_the_element_of_its_row(name, data):
    submitted = data.draw(submissions(f"nhis.{name.value}.v1")).data
    event = submitted.model_dump(by_alias=True, exclude_none=True)
    rows = request.rows_of(name)
    placed = Group.of(rows).values(submitted, DAYS)
    assert placed == Group.of(rows).values(event, DAYS)
    found = list(leaves(placed))
    assert sorted(found, key=str) == sorted(expected(rows, event), key=str)


def test_elements_are_made_of_what_holds_values_alone():
    rows = (Field("a.b.c", "x/y/c"), Field("a.d", "x/d"), Field("e.f", "x/f"), Field("g", "h/i/g"))
    group = Group.of(rows)
    assert group.values({"a": {"b": {}}, "e": {"more": "1"}}, DAYS) == {}
    assert group.values({"a": {"b": {"c": "1"}}, "e": {"f": "2"}}, DAYS) == {"x": {"y": {"c": "1"}, "f": "2"}}
    assert group.values({"e": {"f": "2"}, "g": "3"}, DAYS) == {"x": {"f": "2"}, "h": {"i": {"g": "3"}}}


def test_an_attribute_needs_no_value_beside_it():
    rows = (Field("q.code", "q"), Field("q.nhif", "q@nhif"))
    assert Group.of(rows).values({"q": {"code": "1", "nhif": "2"}}, DAYS) == {
        "q": {"@value": "1", "@nhif": "2"}
    }
    assert Group.of(rows).values({"q": {"nhif": "2"}}, DAYS) == {"q": {"@nhif": "2"}}
    assert Group.of(rows).values({"q": {"code": "1"}}, DAYS) == {"q": "1"}


def test_what_has_no_row_or_is_no_object_is_left_out():
    assert Group.of(fields.CANCEL).values({"nrn": "1", "more": "2", "reason": None}, DAYS) == {
        "nrnImmunization": "1"
    }
    assert Group.of(fields.CERTIFICATE).values({"patient": "1"}, DAYS) == {}


def test_a_field_is_not_a_leaf_and_an_object_at_once():
    with pytest.raises(TypeError, match="the field a is a leaf and an object"):
        Group.of((Field("a", "x"), Field("a.b", "y")))
