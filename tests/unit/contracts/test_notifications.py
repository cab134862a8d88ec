"""The data of a notification is checked by its contract before it is published."""

from __future__ import annotations

import pytest
from pydantic import Field

from contracts import notifications
from contracts.model import ContractModel
from contracts.notification_contract import NotificationContract
from contracts.notifications import NOTIFICATION_TYPES, NOTIFYING_SYSTEMS, validate
from contracts.registry import EVENT_TYPES, SYSTEMS, ContractViolation


class ThingSaid(ContractModel):
    """An invented notification."""

    thing_id: str = Field(max_length=10)


CONTRACT = NotificationContract(
    "nhis", "thing.said", "A thing was said", "Invented.", ThingSaid, {"thingId": "1"}
)


@pytest.fixture(autouse=True)
def invented(monkeypatch):
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", {CONTRACT.event_type: CONTRACT})


def test_data_by_the_outside_names_is_valid():
    validate("nhis", "nhis.thing.said.v1", {"thingId": "17"})


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({}, ["$.data.thingId"]),
        ({"thing_id": "17"}, ["$.data.thingId", "$.data.thing_id"]),
        ({"thingId": "12345678901"}, ["$.data.thingId"]),
        ([], ["$.data"]),
    ],
    ids=["missing", "inside name", "too long", "no object"],
)
def test_data_that_breaks_the_contract_is_refused_with_all_problems(data, paths):
    with pytest.raises(ContractViolation) as refused:
        validate("nhis", "nhis.thing.said.v1", data)
    assert sorted(one.path for one in refused.value.problems) == paths


@pytest.mark.parametrize(("system", "name"), [("nhis", "nhis.other.v1"), ("erx", "nhis.thing.said.v1")])
def test_a_type_that_the_system_does_not_have_is_unknown(system, name):
    with pytest.raises(KeyError):
        validate(system, name, {"thingId": "17"})


def test_every_type_belongs_to_a_system_and_is_no_submission():
    assert {one.system for one in NOTIFICATION_TYPES.values()} == set(NOTIFYING_SYSTEMS)
    assert set(NOTIFYING_SYSTEMS) <= set(SYSTEMS)
    assert not set(NOTIFICATION_TYPES) & set(EVENT_TYPES)
