"""What other people do in eDelivery, by control: send, open, send twice; and the notifications that it makes."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from sandbox.stand_in import InvalidControl
from tests.support.sandbox.edelivery.world import LETTER_FILES


def test_a_message_with_files_that_are_made_and_given(world):
    files = [
        {"name": "голям.bin", "size": 200_000},
        {"name": "малък.xml", "content": base64.b64encode(b"<a/>").decode(), "mediaType": "application/xml"},
    ]
    made = world.control("message", {"subject": "тема", "files": files})
    assert [one["size"] for one in made["blobs"]] == [200_000, 4]
    assert made["blobs"][1]["hash"] == hashlib.sha256(b"<a/>").hexdigest().upper()
    opened = world.get(f"messages/{made['messageId']}/open")
    assert [one["fileName"] for one in opened["fields"][LETTER_FILES]] == ["голям.bin", "малък.xml"]
    assert [one["isMalicious"] for one in opened["fields"][LETTER_FILES]] == [False, False]


def test_a_message_with_the_same_number_again(world):
    first = world.control("message", {"rnu": "rnu-3"})
    twin = world.control("again", {"messageId": first["messageId"]})
    assert twin["rnu"] == "rnu-3"
    assert twin["messageId"] != first["messageId"]
    assert world.get("messages/inbox")["length"] == 2


def test_a_message_of_an_earlier_day(world):
    world.control("message", {"sentAt": "2026-11-01T09:00:00"})
    assert world.get("messages/inbox")["result"][0]["dateSent"] == "2026-11-01T09:00:00.000"


def test_notifications(world):
    world.control("push", {"url": "https://his.invalid/push"})
    received = world.control("message", {})["messageId"]
    world.control("message", {"to": 103})
    sent = world.sent()
    world.control("open", {"messageId": sent})
    world.control("open", {"messageId": sent})
    assert [json.loads(one["body"]) for one in world.ledger("notifications")] == [
        {"EventType": "Received", "MessageId": received},
        {"EventType": "Delivered", "MessageId": sent},
    ]
    world.control("push", {"url": None})
    world.control("message", {})
    assert len(world.ledger("notifications")) == 2


def test_forged_notifications(world):
    url = "https://his.invalid/push"
    world.control("forge", {"url": url, "EventType": "Received", "MessageId": 77})
    world.control("forge", {"url": url, "raw": "not json"})
    assert [(one["genuine"], one["body"]) for one in world.ledger("notifications")] == [
        (False, '{"EventType": "Received", "MessageId": 77}'),
        (False, "not json"),
    ]


def test_attempts_end(world):
    world.control("push", {"url": "https://his.invalid/push"})
    world.control("message", {})
    notices = world.edelivery.notices
    for left in (1, 1, 0):
        notices.tried(notices.all[0], "503", taken=False)
        assert len(notices.due()) == left
    assert notices.all[0].attempts == 3


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("message", {"unknown": 1}),
        ("message", []),
        ("message", {"from": 1}),
        ("message", {"to": [1]}),
        ("message", {"templateId": 77}),
        ("message", {"fields": []}),
        ("message", {"fields": {"x": "y"}}),
        ("message", {"fields": {LETTER_FILES: "x"}}),
        ("message", {"files": {}}),
        ("message", {"files": [{"size": 1}]}),
        ("message", {"files": [{"name": "a"}]}),
        ("message", {"files": [{"name": "a", "size": 10**12}]}),
        ("message", {"files": [{"name": "a", "content": "%"}]}),
        ("message", {"files": [{"name": "a", "size": 1, "field": "x"}]}),
        ("message", {"sentAt": "yesterday"}),
        ("open", {"messageId": 1}),
        ("again", {}),
        ("shift", {"box": "drafts"}),
        ("shift", {"box": "inbox", "count": -1}),
        ("scan", {"blobId": 1, "result": "clean"}),
        ("scan", {}),
        ("push", {}),
        ("push", {"url": 1}),
        ("forge", {"EventType": "Received"}),
        ("variants", {"scan": "maybe"}),
        ("variants", {"scan_seconds": "1"}),
        ("variants", {"required_fields": 1}),
        ("variants", []),
    ],
    ids=str,
)
def test_controls_that_are_not_understood(world, name, body):
    with pytest.raises(InvalidControl):
        world.control(name, body)


def test_a_recipient_that_the_message_does_not_have(world):
    with pytest.raises(InvalidControl, match="recipients"):
        world.control("open", {"messageId": world.sent(), "profileId": 301})
