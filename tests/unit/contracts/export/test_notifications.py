"""Notifications in the exported files: a channel, a message, a schema and an example, as consumers read them."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from contracts import notifications
from contracts.compatibility.snapshot import REPLIES, compare, snapshot
from contracts.export.asyncapi import document
from contracts.export.examples import example_files
from contracts.export.schemas import schema_files
from contracts.registry import SYSTEMS
from tests.support.inbound.invented import EXAMPLE, NAME, TYPE, TYPES


@pytest.fixture
def invented(monkeypatch):
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", TYPES)


def test_only_a_system_with_notifications_has_a_channel_of_them(invented):
    found = {name: one for name, one in document()["channels"].items() if name.endswith(".notifications")}
    assert list(found) == [f"{NAME}.notifications"]
    (channel,) = found.values()
    assert channel["address"] == f"herald.{NAME}.notifications"
    assert list(channel["messages"]) == [TYPE]
    assert document()["operations"][f"{NAME}.readNotifications"]["action"] == "receive"


def test_its_message_names_the_submission_only_where_there_is_one(invented):
    headers = document()["components"]["messages"][TYPE]["headers"]
    assert "ce_submissionid" in headers["properties"]
    assert not {"ce_submissionid", "ce_submissionsource", "ce_rnu"} & set(headers["required"])
    assert {"ce_id", "ce_source", "ce_type", "ce_time"} <= set(headers["required"])


def test_its_example_fits_its_schema_which_may_get_more_members(invented):
    schema = schema_files()[TYPE]
    record = example_files()[TYPE]
    assert (record["value"], record["headers"]["ce_type"]) == (EXAMPLE, TYPE)
    Draft202012Validator(schema).validate(record["value"])
    Draft202012Validator(schema).validate({**EXAMPLE, "later": 1})
    assert not Draft202012Validator(schema).is_valid({"status": "paid"})


def test_what_it_promises_is_kept(invented, monkeypatch):
    before = snapshot()
    assert TYPE in before["events"]
    assert TYPE in before[REPLIES]
    assert compare(before, snapshot()) == []
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", {})
    assert {(one.schema, one.rule) for one in compare(before, snapshot())} >= {
        (TYPE, "events-removed"),
        (TYPE, "schema-removed"),
    }


def test_no_system_has_one_by_accident():
    assert set(notifications.NOTIFYING_SYSTEMS) <= set(SYSTEMS)
