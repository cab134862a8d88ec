"""Comparing a message of the outbox with the event: its time, and each kind of field."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from worker.systems.ssev.begun import Begun
from worker.systems.ssev.comparing import Expected, Since, says_the_same
from worker.systems.ssev.outgoing import OutgoingFile

FILE = OutgoingFile("$.data.fields[0].files[0]", "a.txt", content=b"hello")
SHA256 = {"hash": hashlib.sha256(b"hello").hexdigest().upper(), "hashAlgorithm": "Sha256"}
OTHER = {"hash": hashlib.sha256(b"other").hexdigest(), "hashAlgorithm": "Sha256"}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-10-25T02:59:00", False),
        ("2026-10-25T03:10:00", None),
        ("2026-10-25T04:00:00", True),
        ("2026-10-25T03:10:00+02:00", True),
        ("2026-10-25T03:10:00+03:00", False),
        ("2026-10-25T04:00:00.1234567", True),
        ("0001-01-01T00:00:00", None),
        (20261025, None),
    ],
)
def test_a_time_of_the_repeated_hour_is_open_without_its_offset(stated, expected):
    # Begun at 03:15 of winter time, 75 minutes after the first 03:00.
    begun = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    since = Since(Begun(begun, begun), ZoneInfo("Europe/Sofia"))
    assert since.has(stated) is expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-03-01T11:49:00Z", False),
        ("2026-03-01T11:51:00Z", None),
        ("2026-03-02T11:49:00Z", None),
        ("2026-03-02T11:51:00Z", True),
    ],
)
def test_between_two_clocks_that_disagree_a_time_is_open(stated, expected):
    begun = Begun(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert Since(begun, ZoneInfo("Europe/Sofia")).has(stated) is expected


FIELDS = {
    "text": ("a", "a", True),
    "other-text": ("a", "b", False),
    "text-as-number": ("a", 5, None),
    "text-the-system-added": ("", "a", None),
    "empty": ("", None, True),
    "checked": (True, True, True),
    "not-checked": (True, False, False),
    "unchecked-and-absent": (False, None, True),
    "checked-as-text": (True, "true", None),
    "file": ((FILE,), [{"blobId": 1, **SHA256}], True),
    "another-file": ((FILE,), [{"blobId": 1, **OTHER}], None),
    "a-file-without-digest": ((FILE,), [{"blobId": 1}], True),
    "two-files": ((FILE,), [{"blobId": 1, **SHA256}, {"blobId": 2, **SHA256}], None),
    "no-files": ((FILE,), [], None),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_the_same_another_or_open(name):
    value, stated, expected = FIELDS[name]
    assert says_the_same({"f": Expected(value, rewritten=False)}, {"fields": {"F": stated}}) is expected


def test_a_time_in_another_form_may_be_the_same():
    expected = {"f": Expected("2026-03-01", rewritten=True)}
    assert says_the_same(expected, {"fields": {"f": "01.03.2026"}}) is None
    assert says_the_same(expected, {"fields": {"f": "2026-03-01"}}) is True


def test_one_other_field_makes_another_message_whatever_is_open():
    expected = {"f": Expected("a", rewritten=False), "g": Expected("b", rewritten=False)}
    assert says_the_same(expected, {"fields": {"f": 5, "g": "c"}}) is False
