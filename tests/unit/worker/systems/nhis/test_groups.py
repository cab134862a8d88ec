"""A compiled table places what the table says, row by row."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_snake

from contracts.model import ContractModel
from contracts.nhis.events import EVENTS
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
    event = data.draw(submissions(f"nhis.{name.value}.v1")).data.model_dump(by_alias=True, exclude_none=True)
    rows = request.rows_of(name)
    found = list(leaves(Group.of(rows).values(event, DAYS)))
    assert sorted(found, key=str) == sorted(expected(rows, event), key=str)


@pytest.mark.parametrize("name", list(Name))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_the_values_of_a_submission_come_to_the_same_elements(name, data):
    event = data.draw(submissions(f"nhis.{name.value}.v1"))
    by_alias = Group.of(request.rows_of(name)).values(
        event.data.model_dump(by_alias=True, exclude_none=True), DAYS
    )
    if name is Name.REGISTER:
        by_alias["immunization"]["lrn"] = "lrn"
        if "extImmunizationDetails" in by_alias["immunization"]:
            by_alias["immunization"]["extPrevImmunization"] = "true"
    assert request.contents(name, event.values, "lrn", DAYS) == by_alias


ASKED = {f"contracts.nhis.{module}" for module in ("immunization", "people", "requests")}
"""The modules that have the models of events, and not only of results."""


def models(kind=ContractModel):
    for one in kind.__subclasses__():
        yield one
        yield from models(one)


def test_every_name_of_an_event_leads_to_its_field():
    assert {contract.model.__module__ for contract in EVENTS} <= ASKED
    names = [
        (field, info.alias)
        for model in models()
        if model.__module__ in ASKED
        for field, info in model.model_fields.items()
    ]
    assert len(names) > 60
    assert [(field, alias) for field, alias in names if to_snake(alias) != field] == []


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
