"""Messages through the ESB over real mutual TLS: sent, looked up, opened, and seen in the inbox."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import pytest

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.reasons import Reason
from tests.support.systems.edelivery.making import event, walk
from worker.file_store import FileOwner, NewFile
from worker.outcome import Accepted, Blocked, NotArrived, Rejected, Unknown
from worker.systems.calls import Call, LookNow
from worker.systems.port import Attempt, Refused
from worker.transport.port import DeliveryError, SendGuard

SUBJECT = "Епикриза, прием 000123"
PIECE = bytes(range(256)) * 4096
MEGABYTES = 40


def message(*files, recipients=(201,), text="Измислен пример"):
    fields = [{"id": TEXT_FIELD, "text": text}]
    if files:
        fields.append({"id": FILES_FIELD, "files": list(files)})
    return {"recipients": list(recipients), "subject": SUBJECT, "templateId": 1, "fields": fields}


async def uploaded(store, pieces, name="епикриза.pdf"):
    """Put a file into the store, as an upload of the same source does."""
    digest = hashlib.sha256()

    async def chunks():
        for piece in pieces:
            digest.update(piece)
            yield piece

    file_id = str(uuid.uuid4())
    owner = FileOwner("herald", "https://hospital.test")
    await store.save(NewFile(file_id, owner, "application/pdf", name), chunks())
    return {"name": name, "uploaded": {"id": file_id, "sha256": digest.hexdigest()}}


async def ledger(hospital):
    return (await hospital.control("GET", "ledger"))["messages"]


async def test_a_message_with_files_of_which_one_is_large_arrives(make, store, hospital):
    files = [
        await uploaded(store, [PIECE] * MEGABYTES, "снимка.pdf"),
        {"name": "бележка.txt", "content": "aGVsbG8="},
    ]
    walked = await walk(make(), event("message.send", message(*files), signer="hospital"))
    assert isinstance(walked.outcome, Accepted)
    (sent,) = await ledger(hospital)
    assert (sent["messageId"], sent["sentRnu"]) == (walked.outcome.data["messageId"], "rnu-1")
    blobs = {one["blobId"]: one for one in (await hospital.control("GET", "ledger"))["blobs"]}
    first, second = (blobs[one] for one in sent["blobIds"])
    assert (first["size"], first["hash"].lower()) == (MEGABYTES * 1024 * 1024, files[0]["uploaded"]["sha256"])
    assert second["size"] == 5


@pytest.mark.parametrize("variant", ["documented", "source"])
@pytest.mark.parametrize("scan", ["clean", "malicious", "unsure"])
async def test_every_result_of_a_scan_is_read(make, hospital, scan, variant):
    await hospital.control("POST", "variants", {"scan": scan, "upload_answer": variant})
    file = {"name": "бележка.txt", "content": "aGVsbG8="}
    walked = await walk(make(), event("message.send", message(file), signer="hospital"))
    assert isinstance(walked.outcome, {"clean": Accepted, "malicious": Rejected, "unsure": Blocked}[scan])
    assert len(await ledger(hospital)) == (scan == "clean")


async def test_a_template_with_a_field_of_each_type_is_checked(make, hospital):
    system = make()
    read = await walk(system, event("template.read", {"templateId": 2}, signer="hospital"))
    values = {"checkbox": {"checked": True}, "file": {"files": [{"name": "a.txt", "content": "aGVsbG8="}]}}
    fields = [
        {"id": one["id"], **values.get(one["type"], {"text": "Текст"})}
        for one in read.outcome.data["fields"]
        if one["type"] != "markdown"
    ]
    data = {**message(), "templateId": 2, "fields": fields}
    sent = await walk(system, event("message.send", data, signer="hospital"))
    assert isinstance(sent.outcome, Accepted)
    wrong = {**data, "fields": [{"id": one["id"], "checked": True} for one in fields]}
    with pytest.raises(Refused):
        await walk(system, event("message.send", wrong, signer="hospital"))
    assert len(await ledger(hospital)) == 1


async def test_a_recipient_who_cannot_be_sent_messages_is_the_systems_refusal(make):
    walked = await walk(make(), event("message.send", message(recipients=[999]), signer="hospital"))
    assert [one.reason for one in walked.outcome.errors] == ["Can not send to recipients"]


async def lose_the_answer(system, told, hospital, *, kind):
    """Send the message without getting its answer; return what a look-up then shows."""
    await hospital.control(
        "POST", "faults", [{"kind": kind, "times": 1, "match": {"operation": "messages.send"}}]
    )
    with pytest.raises(DeliveryError):
        await walk(system, told)
    progress = dict((await walk_to_send(system, told)).progress)
    found = Unknown(Reason.CONNECTION_LOST, "no answer")
    look_up = await system.prepare_look_up(told, Attempt(3, "m-3", _now(), "i", progress), found)
    answer = await system.exchange(look_up, SendGuard(lambda: True))
    return system.settle(told, found, look_up, answer)


async def walk_to_send(system, told):
    """Take the first step alone, whose progress the look-up needs."""
    attempt = Attempt(1, "m-1", _now(), "i")
    prepared = await system.prepare(told, attempt)
    return system.interpret(told, prepared, await system.exchange(prepared, SendGuard(lambda: True)))


def _now():
    return datetime.now(UTC)


LOST = {
    "kept": ("drop-after", "kept", "unknown", Accepted),
    "not-sent": ("drop-before", "kept", "unknown", NotArrived),
    "replaced": ("drop-after", "replaced", "unknown", Unknown),
    "replaced-and-said": ("drop-after", "replaced", "replaced", Accepted),
    "not-sent-and-said": ("drop-before", "replaced", "replaced", NotArrived),
}


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_answer_is_settled_by_the_outbox(make, hospital, lost):
    kind, system_rnu, setting, expected = LOST[lost]
    await hospital.control("POST", "variants", {"rnu": system_rnu})
    system = make(look_up={"sent_rnu": setting, "page_size": 3})
    # Others of the same service: another recipient with the same number and subject.
    for number in range(4):
        await hospital.letter(rnu="rnu-1", subject=SUBJECT if number else "друго", recipientProfileIds=[301])
    told = event("message.send", message(), signer="hospital")
    outcome = await lose_the_answer(system, told, hospital, kind=kind)
    assert isinstance(outcome, expected)
    sent = [one for one in await ledger(hospital) if [to["profileId"] for to in one["recipients"]] == [201]]
    assert len(sent) == (kind == "drop-after")
    if isinstance(outcome, Accepted):
        assert outcome.data["messageId"] == sent[0]["messageId"]


async def test_a_received_message_is_seen_then_opened_and_its_files_are_fetched(make, store, hospital):
    content = b"<ServiceRequest/>"
    files = [
        {"name": "искане.xml", "content": "PFNlcnZpY2VSZXF1ZXN0Lz4=", "mediaType": "application/xml"},
        {"name": "снимка.pdf", "size": 3 * 1024 * 1024},
    ]
    came = await hospital.control("POST", "message", {"subject": "Искане", "rnu": "rnu-9", "files": files})
    system = make(watches={"registry": {"signer": "hospital"}})
    (watch,) = system.watches()
    seen = await system.look(watch, None)
    (notice,) = seen.notices
    assert (notice.data["messageId"], notice.rnu) == (came["messageId"], "rnu-9")
    assert (await ledger(hospital))[0]["recipients"][0]["dateReceived"] is None
    told = event("message.open", {"messageId": came["messageId"]}, signer="hospital")
    walked = await walk(system, told)
    assert walked.steps == ["open", "file-1", "file-2", "read"]
    opened = [file for field in walked.outcome.data["fields"] for file in field.get("files", ())]
    assert [one["verified"] for one in opened] == [True, True]
    first = b"".join([piece async for piece in store.read(opened[0]["file"]["id"])])
    assert first == content
    assert opened[1]["file"]["size"] == 3 * 1024 * 1024
    again = await walk(system, told)
    assert again.outcome.data["dateReceived"] == walked.outcome.data["dateReceived"]


async def test_an_expired_link_is_replaced_by_a_new_one(make, hospital):
    files = [{"name": "a.xml", "content": "PGEvPg=="}]
    came = await hospital.control("POST", "message", {"subject": "Искане", "files": files})
    await hospital.control("POST", "variants", {"link_seconds": 0})
    system = make()
    told = event("message.open", {"messageId": came["messageId"]}, signer="hospital")
    walked = await walk(system, told)
    assert isinstance(walked.outcome, Blocked)
    await hospital.control("POST", "variants", {"link_seconds": 3600})
    assert isinstance((await walk(system, told)).outcome, Accepted)


async def test_a_message_of_somebody_else_is_not_opened(make, hospital):
    await hospital.letter()
    (sent,) = await ledger(hospital)
    told = event("message.open", {"messageId": sent["messageId"]}, signer="clinic")
    assert isinstance((await walk(make(), told)).outcome, Blocked)


async def test_every_message_is_seen_once_though_others_come_and_are_opened(make, hospital):
    came = [
        (await hospital.control("POST", "message", {"subject": f"Искане {one}"}))["messageId"]
        for one in range(25)
    ]
    system = make(watches={"registry": {"signer": "hospital"}}, inbox={"page_size": 10, "pages_per_look": 1})
    (watch,) = system.watches()
    cursor, found, more = None, set(), True
    await hospital.control("POST", "shift", {"box": "inbox", "count": 1, "times": 2})
    while more:
        seen = await system.look(watch, cursor)
        found |= {one.data["messageId"] for one in seen.notices}
        cursor, more = seen.cursor, seen.more
        await hospital.control("POST", "open", {"messageId": came.pop()})
    again = await system.look(watch, cursor)
    everything = {one["messageId"] for one in await ledger(hospital)}
    while again.more:
        found |= {one.data["messageId"] for one in again.notices}
        again = await system.look(watch, again.cursor)
    assert found | {one.data["messageId"] for one in again.notices} == everything


async def test_a_profile_is_found_registered_and_found_again(make, hospital):
    system = make()
    nobody = event("profile.search", {"identifier": "7223154154", "targetGroupId": 1}, signer="hospital")
    assert (await walk(system, nobody)).outcome == Accepted({"found": False})
    registered = await walk(system, event("profile.register-passive", signer="hospital"))
    assert isinstance(registered.outcome, Accepted)
    told = event("profile.register-passive", signer="hospital")
    twice = await walk(system, told)
    look_up = await system.prepare_look_up(told, Attempt(2, "m", _now(), "i"), twice.outcome)
    answer = await system.exchange(look_up, SendGuard(lambda: True))
    outcome = system.settle(told, twice.outcome, look_up, answer)
    assert outcome.data == {"profileId": registered.outcome.data["profileId"], "alreadyExists": True}


async def test_a_recipient_has_not_received_it_until_it_is_opened(make, hospital):
    system = make()
    sent = (await walk(system, event("message.send", message(), signer="hospital"))).outcome.data["messageId"]
    told = event("message.status", {"messageId": sent}, signer="hospital")
    assert [one["status"] for one in (await walk(system, told)).outcome.data["recipients"]] == ["not-yet"]
    await hospital.control("POST", "open", {"messageId": sent})
    assert [one["status"] for one in (await walk(system, told)).outcome.data["recipients"]] == ["received"]


async def test_a_push_notification_hastens_a_look_and_states_nothing(make):
    call = Call("POST", "", "", {}, b'{"EventType":"Received","MessageId":2284}', "192.0.2.7")
    assert await make().receive(call) == LookNow()


async def test_a_token_that_the_gateway_forgot_is_renewed(make, hospital, sandbox):
    system = make()
    told = event("outbox.list", {}, signer="hospital")
    assert isinstance((await walk(system, told)).outcome, Accepted)
    await hospital.control("DELETE", "tokens", base=sandbox.token_url)
    refused = await walk(system, told)
    assert refused.outcome.reauthorize
    await system.reauthorize(refused.messages[-1])
    assert isinstance((await walk(system, told)).outcome, Accepted)
