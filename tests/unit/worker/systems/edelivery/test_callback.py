"""The system's push notifications: which are taken, and that nothing of them is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from worker.systems.calls import Call, CallRefused, LookNow
from worker.systems.edelivery.callback import read_call, receipt, refusal

ARRIVED = {"EventType": "Received", "MessageId": 2284}


def call(body, method="POST", path="", content_type="application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Call(method, path, "", {"content-type": content_type}, content, "192.0.2.7")


def test_a_message_that_arrived_hastens_a_look_into_all_inboxes():
    assert read_call(call(ARRIVED)) == LookNow(None)


def test_a_message_that_was_delivered_is_taken_and_says_nothing_of_an_inbox():
    assert read_call(call({**ARRIVED, "EventType": "Delivered"})) == ()


def test_further_members_and_other_encodings_are_read():
    more = json.dumps({**ARRIVED, "More": 1}).encode("utf-16")
    assert read_call(call(more, content_type="application/json; charset=utf-16")) == LookNow(None)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (call(ARRIVED, method="GET"), 405),
        (call(ARRIVED, path="more"), 404),
        (call(b""), 400),
        (call(b"<xml/>"), 400),
        (call([ARRIVED]), 400),
        (call({"EventType": "Received"}), 400),
        (call({**ARRIVED, "MessageId": "2284"}), 400),
        (call({**ARRIVED, "MessageId": True}), 400),
        (call({**ARRIVED, "MessageId": 0}), 400),
        (call({**ARRIVED, "EventType": "received"}), 400),
        (call({**ARRIVED, "EventType": None}), 400),
    ],
    ids=[
        "method", "path", "empty", "xml", "list", "no-id", "text-id", "true-id", "zero-id", "spelling", "no-type",
    ],
)  # fmt: skip
def test_what_is_no_push_notification_is_refused(told, status):
    refused = read_call(told)
    assert (type(refused), refused.status) == (CallRefused, status)


@given(st.binary())
@hypothesis_settings(deadline=None)
def test_no_bytes_raise(body):
    assert isinstance(read_call(call(body)), CallRefused)


def test_the_answers_state_no_reason():
    assert (receipt().status, receipt().body) == (200, b"{}")
    assert (refusal(503).status, refusal(503).body) == (503, b"{}")
