"""The event of a notice: derived from what the system says alone, and always the same bytes for the first call."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from worker.notice import Notice
from worker.pipeline.notification_events import content_hash, event_id, notification
from worker.pipeline.ports import Owner

AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
NOTICE = Notice("n-1", "pay.status.v1", {"b": "да", "a": 1}, reference="17")
OWNER = Owner("/his", "s-1", b"patient-7f3a", "URI-1")


def _event(notice=NOTICE, owner=None, system="pay"):
    return notification(system, notice, owner, topic="herald.pay.notifications", at=AT).event


def test_the_id_is_that_of_the_system_and_its_own_key():
    ids = {event_id(*one) for one in [("pay", "n-1"), ("pay", "n-2"), ("payn", "-1"), ("p", "ayn-1")]}
    assert len(ids) == 4
    # Fixed for ever: another derivation would publish what was published before under another id.
    assert event_id("pay", "n-1") == "37b0d40a-4b96-549b-ac3b-fe1f63a9d39a"


def test_it_is_a_cloudevent_in_binary_mode():
    event = _event(owner=OWNER)
    assert (event.topic, event.key, event.value) == (
        "herald.pay.notifications",
        b"patient-7f3a",
        '{"b":"да","a":1}'.encode(),
    )
    assert dict(event.headers) == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": event_id("pay", "n-1").encode(),
        "ce_source": b"/herald/pay",
        "ce_type": b"pay.status.v1",
        "ce_time": b"2026-03-14T09:30:00.000Z",
        "ce_submissionid": b"s-1",
        "ce_submissionsource": b"/his",
        "ce_rnu": b"URI-1",
    }


def test_without_a_submission_it_names_none():
    assert not [name for name, _ in _event().headers if "submission" in name or name == "ce_rnu"]


@pytest.mark.parametrize(
    ("notice", "owner", "key"),
    [
        (NOTICE, OWNER, b"patient-7f3a"),
        (NOTICE, Owner("/his", "s-1"), b"17"),
        (NOTICE, None, b"17"),
        (Notice("n-1", "t", {}), None, b"51aeea8ffa05d2620d35c87463465885e77df13171d5708746df1a9f36d47f35"),
    ],
    ids=["the submission's", "not known yet", "the reference", "a digest"],
)
def test_the_key_keeps_what_belongs_together_together(notice, owner, key):
    assert _event(notice, owner).key == key


def test_the_number_of_the_call_goes_before_that_of_the_submission():
    stated = Notice("n-1", "t", {}, rnu="URI-2")
    assert dict(_event(stated, OWNER).headers)["ce_rnu"] == b"URI-2"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Notice("n-9", "pay.status.v1", {"a": 1, "b": "да"}, reference="17"), True),
        (Notice("n-1", "pay.status.v1", MappingProxyType({"a": 1, "b": "да"}), reference="17"), True),
        (Notice("n-1", "pay.status.v2", {"a": 1, "b": "да"}, reference="17"), False),
        (Notice("n-1", "pay.status.v1", {"a": 2, "b": "да"}, reference="17"), False),
        (Notice("n-1", "pay.status.v1", {"a": 1, "b": "да"}, reference="18"), False),
        (Notice("n-1", "pay.status.v1", {"a": 1, "b": "да"}, reference="17", rnu="1"), False),
    ],
    ids=["another order", "another mapping", "type", "data", "reference", "rnu"],
)
def test_what_is_stated_is_hashed(other, same):
    assert (content_hash(NOTICE) == content_hash(other)) is same


def test_what_is_no_json_is_refused():
    with pytest.raises((ValueError, TypeError)):
        _event(Notice("n-1", "t", {"a": float("nan")}))
