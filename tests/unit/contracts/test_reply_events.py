"""The events that carry replies."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fields import utc_text
from contracts.registry import EVENT_TYPES
from contracts.replies import AcceptedReply, FailedReply, HeldReply, ReplyKind
from contracts.reply_events import reply_event, reply_id, reply_type, value_of
from contracts.submission_ref import SubmissionRef

REGISTER = "nhis.immunization.register.v1"
AT = datetime(2025, 3, 14, 9, 30, 0, 123456, tzinfo=UTC)
ANSWERED = SubmissionRef(source="/his", id="й-42", type=REGISTER, traceparent="00-aa-bb-01")


@pytest.mark.parametrize(
    ("submission_type", "kind", "expected"),
    [
        (REGISTER, ReplyKind.ACCEPTED, "nhis.immunization.register.accepted.v1"),
        (REGISTER, ReplyKind.HELD, "nhis.immunization.register.held.v1"),
        ("nhis.certificate.fetch.v1", ReplyKind.REJECTED, "nhis.certificate.fetch.rejected.v1"),
        (None, ReplyKind.FAILED, "herald.submission.failed.v1"),
        ("", ReplyKind.FAILED, "herald.submission.failed.v1"),
        ("nhis.immunization.register.v2", ReplyKind.FAILED, "herald.submission.failed.v1"),
        ("anything else", ReplyKind.FAILED, "herald.submission.failed.v1"),
    ],
)
def test_reply_type(submission_type, kind, expected):
    assert reply_type(submission_type, kind) == expected


def test_no_two_replies_share_a_type():
    types = [reply_type(event_type, kind) for event_type in EVENT_TYPES for kind in ReplyKind]
    assert len({*types, *EVENT_TYPES}) == len(types) + len(EVENT_TYPES)


def test_reply_ids_differ_by_all_they_are_made_of():
    kinds = (ReplyKind.FAILED, ReplyKind.HELD)
    ids = [reply_id(s, i, r, k) for s in ("a", "a#b") for i in ("c", "b#c") for r in (0, 1) for k in kinds]
    assert len(set(ids)) == len(ids)


def test_reply_id_stays_what_it_is():
    # Readers drop repeats by it, across versions of Herald.
    assert reply_id("/his", "42", 0, ReplyKind.ACCEPTED) == "30e239ba-e805-5d6d-b99b-b426c407f33e"


def test_bytes_are_the_same_every_time():
    def made():
        reply = AcceptedReply(system="nhis", operation="immunization.register", data={"nrn": "Ж", "lrn": "l"})
        return reply_event(ANSWERED, reply, revision=0, at=AT)

    assert made() == made()
    headers, value = made()
    assert headers == (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", reply_id("/his", "й-42", 0, ReplyKind.ACCEPTED).encode()),
        ("ce_source", b"/herald/nhis"),
        ("ce_type", b"nhis.immunization.register.accepted.v1"),
        ("ce_time", b"2025-03-14T09:30:00.123Z"),
        ("ce_submissionid", "й-42".encode()),
        ("ce_submissionsource", b"/his"),
        ("ce_revision", b"0"),
        ("ce_traceparent", b"00-aa-bb-01"),
    )
    expected = (
        '{"system":"nhis","operation":"immunization.register","data":{"nrn":"Ж","lrn":"l"},"answer":null,'
        '"settled":null}'
    )
    assert value == expected.encode()


def test_unnamed():
    reply = FailedReply(code="not-a-cloudevent", message="m")
    headers, value = reply_event(SubmissionRef("/his", "1", None), reply, revision=2, at=AT)
    named = dict(headers)
    assert named["ce_type"] == b"herald.submission.failed.v1"
    assert named["ce_source"] == b"/herald"
    assert named["ce_revision"] == b"2"
    assert "ce_traceparent" not in named
    assert json.loads(value)["system"] is None


def test_times_are_written_in_utc():
    sofia = timezone(timedelta(hours=2))
    reply = HeldReply(
        code="outcome-unknown", message="m", attempts=1, first_attempt=AT, last_attempt=AT.astimezone(sofia)
    )
    value = json.loads(reply_event(ANSWERED, reply, revision=0, at=AT).value)
    assert value["firstAttempt"] == value["lastAttempt"] == "2025-03-14T09:30:00.123Z"
    assert utc_text(AT.astimezone(sofia)) == "2025-03-14T09:30:00.123Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        utc_text(datetime(2025, 1, 1))  # noqa: DTZ001 - that is the point


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_value_is_written_as_the_standard_library_writes_it(data):
    reply = AcceptedReply(system="nhis", operation="immunization.register", data=data)
    told = {
        "system": "nhis",
        "operation": "immunization.register",
        "data": data,
        "answer": None,
        "settled": None,
    }
    try:
        expected = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        with pytest.raises(ValueError):  # noqa: PT011 - each library has its own words
            value_of(reply)
        return
    assert value_of(reply) == expected


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2025, 3, 14), '"2025-03-14"'),
        (Decimal("1.50"), '"1.50"'),
        ((1, ("a",)), '[1,["a"]]'),
        ({"a": [0.00001]}, '{"a":[1e-05]}'),
        (ReplyKind.HELD, '"held"'),
        (True, "true"),
    ],
)
def test_values_that_json_does_not_know(value, written):
    reply = AcceptedReply(system="s", operation="o", data={"a": value})
    assert (
        value_of(reply)
        == f'{{"system":"s","operation":"o","data":{{"a":{written}}},"answer":null,"settled":null}}'.encode()
    )
