"""A request for a service arrives over eDelivery and is answered: from the opened message to the sent answer."""

from __future__ import annotations

import base64
import hashlib
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts import notifications
from contracts.eforms.examples import RESPONSE as EXAMPLE
from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.edelivery.making import event, walk
from tests.support.systems.eforms.messages import REQUEST
from worker.file_store import FileOwner, NewFile
from worker.outcome import Accepted, NotArrived, Unknown
from worker.systems.eforms.outgoing import subject_of
from worker.systems.port import Attempt
from worker.transport.port import DeliveryError, SendGuard

NUMBER = "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"
PIECE = bytes(range(256)) * 4096
MEGABYTES = 8


def file(name, content, media_type):
    return {"name": name, "content": base64.b64encode(content).decode(), "mediaType": media_type}


def response(data, *, event_id="1"):
    told = submission("eforms.response.send.v1", data, signer="hospital", event_id=event_id)
    return replace(told, rnu=NUMBER)


async def ledger(platform, kind="messages"):
    return (await platform.control("GET", "ledger"))[kind]


async def arrived(platform, *files, subject="Измислено заявление"):
    """Let a message arrive at the hospital, and return the event that opens it."""
    came = await platform.control(
        "POST", "message", {"subject": subject, "rnu": NUMBER, "files": list(files)}
    )
    return event("message.open", {"messageId": came["messageId"]}, signer="hospital")


async def test_a_request_that_is_opened_is_published_with_its_files(systems, platform, store):
    told = await arrived(
        platform,
        file("request.xml", REQUEST.encode(), "application/xml"),
        {"name": "epikriza.pdf", "size": MEGABYTES * 1024 * 1024},
    )

    walked = await walk(systems["edelivery"], told)

    (notice,) = walked.outcome.notices
    notifications.validate("eforms", notice.type, notice.data)
    assert (notice.type, notice.rnu) == ("eforms.request.received.v1", NUMBER)
    assert "problems" not in notice.data
    assert notice.data["request"]["applicant"]["person"]["fullName"] == "Радка Примерова Измислена"
    document = notice.data["request"]["attachedDocuments"][0]["file"]
    assert document["size"] == MEGABYTES * 1024 * 1024
    assert (await store.find(document["id"])).sha256 == document["sha256"]
    kept = b"".join([piece async for piece in store.read(notice.data["requestFile"]["id"])])
    assert kept == REQUEST.encode()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(REQUEST.replace("validTo>", "validТо>"), "another script", id="mixed-script"),
        pytest.param(REQUEST[:-30], "not well-formed", id="broken"),
    ],
)
async def test_a_request_with_slips_is_published_with_its_problems(systems, platform, content, rule):
    told = await arrived(platform, file("request.xml", content.encode(), "application/xml"))

    walked = await walk(systems["edelivery"], told)

    (notice,) = walked.outcome.notices
    assert any(rule in one["rule"] for one in notice.data["problems"])
    assert notice.data["requestFile"]["name"] == "request.xml"


async def test_another_message_is_nothing_to_eforms(systems, platform):
    told = await arrived(platform, file("letter.xml", b"<letter/>", "application/xml"))

    assert (await walk(systems["edelivery"], told)).outcome.notices == ()


async def with_large_document(store):
    """Upload a document, and return an answer that names it."""
    digest = hashlib.sha256(PIECE * MEGABYTES).hexdigest()
    data = deepcopy(EXAMPLE)
    data["documents"][0]["uploaded"]["sha256"] = digest

    async def chunks():
        for _ in range(MEGABYTES):
            yield PIECE

    owner = FileOwner("eforms", "https://hospital.test")
    new = NewFile(data["documents"][0]["uploaded"]["id"], owner, "application/pdf", "udostoverenie.pdf")
    await store.save(new, chunks())
    return data, digest


async def test_an_answer_arrives_with_its_xml_and_its_document(systems, platform, store):
    data, digest = await with_large_document(store)
    told = response(data)

    walked = await walk(systems["eforms"], told)

    assert isinstance(walked.outcome, Accepted)
    assert walked.steps[0] == "template"
    assert walked.steps[-1] == "send"
    (sent,) = await ledger(platform)
    assert sent["messageId"] == walked.outcome.data["messageId"]
    outbox = await platform.call("GET", "/ed2/api/messages/outbox?offset=0&limit=10")
    assert [one["subject"] for one in outbox.json()["result"]] == [subject_of(told.data, told)]
    blobs = {one["blobId"]: one for one in await ledger(platform, "blobs")}
    xml, document = (blobs[one] for one in sent["blobIds"])
    built = next(message for message in walked.messages if message.step == "upload-1").request
    start, end = built.index(b"<?xml"), built.index(b"</ServiceRequestResponse>") + 25
    assert xml["hash"].lower() == hashlib.sha256(built[start:end]).hexdigest()
    assert (document["hash"].lower(), document["size"]) == (digest, MEGABYTES * len(PIECE))


@pytest.mark.parametrize(("kind", "expected"), [("drop-after", Accepted), ("drop-before", NotArrived)])
async def test_a_lost_answer_is_settled_though_an_earlier_one_has_the_same_number(
    systems, platform, kind, expected
):
    data = deepcopy(EXAMPLE) | {"documents": []}
    earlier = await walk(systems["eforms"], response(data, event_id="earlier"))
    assert isinstance(earlier.outcome, Accepted)
    await platform.control(
        "POST", "faults", [{"kind": kind, "times": 1, "match": {"operation": "messages.send"}}]
    )
    told = response(data, event_id="later")
    system = systems["eforms"]
    with pytest.raises(DeliveryError):
        await walk(system, told)

    progress = await steps_before_sending(system, told)
    found = Unknown(Reason.CONNECTION_LOST, "no answer")
    look_up = await system.prepare_look_up(told, Attempt(9, "m-9", datetime.now(UTC), "i", progress), found)
    outcome = system.settle(told, found, look_up, await system.exchange(look_up, SendGuard(lambda: True)))

    assert isinstance(outcome, expected)
    if isinstance(outcome, Accepted):
        assert outcome.data["messageId"] != earlier.outcome.data["messageId"]
    assert len(await ledger(platform)) == (2 if kind == "drop-after" else 1)


async def steps_before_sending(system, told):
    """Take the steps before the one that sends, and return their progress."""
    progress: dict[str, str] = {}
    while not (step := system.step(told, progress)).looks_up:
        prepared = await system.prepare(told, Attempt(1, f"m-{step.name}", datetime.now(UTC), "i", progress))
        progress = dict(
            system.interpret(
                told, prepared, await system.exchange(prepared, SendGuard(lambda: True))
            ).progress
        )
    return progress
