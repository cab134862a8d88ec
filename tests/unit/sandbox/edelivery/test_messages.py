"""Messages: what can be sent, who sees it in which order, and that opening is a receipt that happens once."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox.edelivery.world import CITIZEN, LETTER_FILES, LETTER_TEXT


def field(number):
    return f"5a0d0000-0000-4000-8000-{number:012d}"


def test_a_letter_with_a_file(world):
    blob = world.blob()
    status, number = world.letter(files=[blob], rnu="rnu-7")
    assert (status, number) == (200, 2001)
    [one] = world.ledger("messages")
    assert (one["rnu"], one["blobIds"], one["fields"]) == ("rnu-7", [blob], [LETTER_TEXT, LETTER_FILES])
    assert one["recipients"] == [{"profileId": 201, "dateReceived": None, "openings": 0}]
    assert "Измислена тема" not in json.dumps(world.gateway.ledger(), ensure_ascii=False)


def test_the_outbox_shows_it(world):
    number = world.sent(to=(201, 301), templateId="1")
    assert world.get("messages/outbox") == {
        "result": [
            {
                "messageId": number,
                "dateSent": "2026-12-01T10:30:15.250",
                "subject": "Измислена тема",
                "rnu": "rnu-1",
                "templateId": 1,
                "senderProfileName": "Измислена болница",
                "senderLoginName": "Измислена болница (система)",
                "url": f"https://edelivery.invalid/Messages/View/{number}",
                "recipients": "Измислена Петрова Иванова, Измислена община",
            }
        ],
        "length": 1,
    }


@pytest.mark.parametrize(("rnu", "kept"), [("rnu-1", "rnu-1"), (None, None)])
def test_a_number_that_is_kept_or_made(world, rnu, kept):
    world.sent(rnu=rnu)
    assert (world.get("messages/outbox")["result"][0]["rnu"] == "rnu-1") == (kept is not None)
    assert len(world.get("messages/outbox")["result"][0]["rnu"]) == (36 if kept is None else 5)


def test_the_source_replaces_the_number(world):
    world.control("variants", {"rnu": "replaced"})
    world.sent(rnu="rnu-1")
    assert len(world.get("messages/outbox")["result"][0]["rnu"]) == 36
    assert world.ledger("messages")[0]["sentRnu"] == "rnu-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"recipientProfileIds": []},
        {"recipientProfileIds": None},
        {"recipientProfileIds": [999]},
        {"recipientProfileIds": [201, 999]},
        {"recipientProfileIds": ["201"]},
    ],
    ids=str,
)
def test_recipients_that_are_refused(world, changes):
    status, problem = world.letter(**changes)
    assert (status, problem["errors"]) == (400, {"RecipientProfileIds": ["Can not send to recipients"]})


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        (1, None),
        (1, {"not-a-guid": "x"}),
        (1, {field(1): "x"}),
        (1, {LETTER_TEXT: None}),
        (1, {LETTER_TEXT: 1}),
        (1, {LETTER_FILES: "5001"}),
        (1, {LETTER_FILES: ["5001"]}),
        (1, {LETTER_FILES: [True]}),
        (2, {field(6): "true"}),
        (2, {field(5): 20261201}),
    ],
)
def test_fields_that_are_refused(world, template, fields):
    status, problem = world.letter(templateId=template, fields=fields)
    assert (status, problem["errors"]) == (400, {"": ["Invalid fields according to template"]})
    assert world.ledger("messages") == []


def test_every_type_of_field(world):
    fields = {field(number): f"value {number}" for number in range(1, 6)}
    fields |= {field(6): True, field(7).upper(): [world.blob()], field(8): "anything"}
    number = world.sent(templateId=2, fields=fields)
    shown = world.get(f"messages/{number}/view")["fields"]
    assert shown[field(6)] is True
    assert [one["fileName"] for one in shown[field(7)]] == ["писмо.pdf"]


def test_a_required_field_that_is_left_out(world):
    assert world.letter(fields={})[0] == 200
    world.control("variants", {"required_fields": True})
    assert world.letter(fields={})[0] == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"templateId": 9}, 403),
        ({"templateId": 77}, 403),
        ({"templateId": None}, 403),
        ({"subject": " "}, 400),
        ({"subject": None}, 400),
        ({"rnu": 7}, 400),
        ({"rnu": "r" * 65}, 500),
    ],
    ids=str,
)
def test_other_refusals(world, changes, status):
    assert world.letter(**changes)[0] == status
    assert world.ledger("messages") == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{"])
def test_bodies_that_are_no_object(world, body):
    assert world.call("POST", "/ed2/api/messages", body)[0] == 500


def test_files_that_the_sender_does_not_have(world):
    theirs = world.upload(on_behalf=True, of_token={"headers": {"representedPersonID": CITIZEN}})[1]["blobId"]
    assert [world.letter(files=[number])[0] for number in (theirs, 77)] == [500, 500]
    world.control("variants", {"temporary_seconds": 10})
    mine = world.blob()
    world.wait(seconds=10)
    assert world.letter(files=[mine])[0] == 500


def test_a_file_stays_with_its_message(world):
    blob = world.blob()
    number = world.sent(files=[blob])
    world.wait(days=30)
    [file] = world.get(f"messages/{number}/view")["fields"][LETTER_FILES]
    assert (file["blobId"], file["isMalicious"]) == (blob, False)
    assert file["downloadLink"].startswith("https://gateway.invalid/message?t=")


def test_sending_for_somebody_else(world):
    token = world.token(headers={"representedPersonID": CITIZEN})
    content = {"recipientProfileIds": [301], "subject": "тема", "templateId": 1, "fields": {}}
    status, number = world.call("POST", "/ed2/api/obo/messages", content, token=token)
    assert status == 200
    [one] = world.ledger("messages")
    assert (one["senderProfileId"], one["sentByProfileId"]) == (201, 101)
    assert world.get("messages/outbox")["length"] == 0
    found = world.call("GET", "/ed2/api/obo/messages/outbox", token=token)[1]
    assert [one["messageId"] for one in found["result"]] == [number]
    assert world.call("POST", "/ed2/api/obo/messages", content) == (403, None)


def test_a_status_is_nothing_until_a_recipient_opens(world):
    number = world.sent(to=(201, 301))
    assert [one["dateReceived"] for one in world.get(f"messages/{number}/view")["recipients"]] == [None, None]
    world.wait(minutes=5)
    world.control("open", {"messageId": number, "profileId": 301})
    assert [one["dateReceived"] for one in world.get(f"messages/{number}/view")["recipients"]] == [
        None,
        "2026-12-01T10:35:15.250",
    ]


def test_opening_is_a_receipt_that_happens_once(world):
    number = world.control("message", {"rnu": "rnu-5", "files": [{"name": "a.bin", "size": 3}]})["messageId"]
    listed = world.get("messages/inbox")["result"]
    assert (listed[0]["dateReceived"], listed[0]["recipientLoginName"]) == (None, "")
    assert world.ledger("messages")[0]["recipients"][0]["openings"] == 0
    opened = world.get(f"messages/{number}/open")
    world.wait(hours=1)
    again = world.get(f"messages/{number}/open")
    assert opened["dateReceived"] == again["dateReceived"] == "2026-12-01T10:30:15.250"
    assert opened["recipientLogin"] == {"loginId": 1101, "name": "Измислена болница (система)"}
    assert opened["sender"] == {"profileId": 301, "name": "Измислена община"}
    assert [one["size"] for one in opened["fields"][LETTER_FILES]] == [3]
    assert world.ledger("messages")[0]["recipients"][0]["openings"] == 2


def test_who_may_not_look(world):
    sent, received = world.sent(), world.control("message", {})["messageId"]
    for path in (f"{sent}/open", f"{received}/view", "77/open", "77/view", f"{sent}/open-forwarded/77"):
        assert world.call("GET", f"/ed2/api/messages/{path}") == (403, None)
    assert [one["recipients"][0]["openings"] for one in world.ledger("messages")] == [0, 0]


def test_a_message_that_was_forwarded(world):
    inner = world.control("message", {"from": 201, "to": 301, "opened": True})["messageId"]
    outer = world.control("message", {"forwarded": inner})["messageId"]
    assert world.get(f"messages/{outer}/open")["forwardedMessageId"] == inner
    shown = world.get(f"messages/{outer}/open-forwarded/{inner}")
    assert (shown["messageId"], shown["forwardedMessageId"]) == (inner, None)
    unread = world.control("message", {"from": 201, "to": 301})["messageId"]
    outer = world.control("message", {"forwarded": unread})["messageId"]
    assert world.call("GET", f"/ed2/api/messages/{outer}/open-forwarded/{unread}")[0] == 500
