"""End to end: a request for a service arrives with three files, one of 40 MB, is published, and is answered.

A real worker, Kafka, PostgreSQL and TLS, against the sandbox of eDelivery as a process of its own. The worker is
killed between each two of the steps; its memory is read throughout.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from copy import deepcopy

import httpx
import pytest

from contracts import notifications
from contracts.eforms.examples import RESPONSE
from tests.support.systems.eforms.dying_worker import most_memory
from tests.support.systems.eforms.messages import REQUEST
from tests.support.systems.eforms.surroundings import (
    EFORMS,
    Surroundings,
    fetched,
    file,
    invented_authority,
    uploaded,
)
from tests.support.worker.installation import eventually, herald, worker_process

MEGABYTES = 40
MOST_MEMORY = 300 * 1024 * 1024
ARRIVED, OPEN = "edelivery.message.arrived.v1", "edelivery.message.open.v1"
OPENED = "edelivery.message.open.accepted.v1"
RECEIVED, SEND = "eforms.request.received.v1", "eforms.response.send.v1"
ANSWERED = "eforms.response.send.accepted.v1"
PLATFORM = 201


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    directory = tmp_path_factory.mktemp("authority")
    return invented_authority(directory), directory / "authority.pem"


@pytest.fixture(scope="module")
def running_sandbox(sandbox_of, authority):
    return sandbox_of("edelivery", "--token-port", "0", "--callback-ca", str(authority[1]))


@pytest.fixture
def around(kafka, journal_dsn, running_sandbox, authority, tmp_path):
    running_sandbox.reset()

    def make(**options):
        return Surroundings(kafka.bootstrap, journal_dsn, tmp_path, running_sandbox, authority[0], **options)

    return make


def arrives(around, megabytes=MEGABYTES):
    """Let the request arrive; return the number of its message."""
    files = [
        file("request.xml", REQUEST.encode(), "application/xml"),
        {"name": "epikriza.pdf", "size": megabytes * 1024 * 1024, "mediaType": "application/pdf"},
        file("snimka.txt", b"invented", "text/plain"),
        file("belezhka.txt", b"invented too", "text/plain"),
    ]
    return around.sandbox.control("message", {"subject": "Измислено заявление", "files": files})["messageId"]


async def record(around, kind, number=1, seconds=60):
    """Wait until so many events of a type are there; return the last one."""
    found = await eventually(
        lambda: around.records(kind), lambda it: len({one.headers["ce_id"] for one in it}) >= number, seconds
    )
    return found[-1]


def answer_with(document):
    data = deepcopy(RESPONSE)
    data["documents"][0]["uploaded"] = document
    return data


def large_file(received):
    """Return the reference of the large file in the notification of the request."""
    notifications.validate(EFORMS, RECEIVED, received.json)
    assert len(received.json["files"]) == 4
    documents = {
        one.get("identifier"): one.get("file") for one in received.json["request"]["attachedDocuments"]
    }
    found = documents["epikriza.pdf"]
    assert found["size"] == MEGABYTES * 1024 * 1024
    return found


async def is_done_once(around, message, document):
    """Hold Kafka and the system's ledger against what may be there once; return how often each record is there."""
    records = await around.records()
    forms = {(one.headers["ce_type"], one.headers["ce_id"]): set() for one in records}
    for one in records:
        forms[one.headers["ce_type"], one.headers["ce_id"]].add(one.said)
    assert sorted(kind for kind, _ in forms) == sorted([ARRIVED, OPENED, RECEIVED, ANSWERED])
    assert all(len(repeats) == 1 for repeats in forms.values())
    ledger = around.sandbox.ledger()
    request, *answers = sorted(ledger["messages"], key=lambda one: one["messageId"])
    assert request["messageId"] == message
    assert [one["dateReceived"] is not None for one in request["recipients"]] == [True]
    (sent,) = answers
    stated = next(one for one in records if one.headers["ce_type"] == ANSWERED)
    assert stated.json["data"]["messageId"] == sent["messageId"]
    assert [one["profileId"] for one in sent["recipients"]] == [PLATFORM]
    blobs = {one["blobId"]: one["hash"].lower() for one in ledger["blobs"]}
    xml, large = (blobs[one] for one in sent["blobIds"])
    assert large == document["sha256"] != xml
    return Counter(one.headers["ce_type"] for one in records)


def is_small(around):
    """Hold the memory of every worker against its bound."""
    assert around.memory
    assert max(around.memory) < MOST_MEMORY, [one // 2**20 for one in around.memory]


@pytest.mark.timeout(120)
async def test_a_request_with_three_files_arrives_and_is_answered(around):
    place = around(watch_seconds=3600, in_worker=False)
    place.sandbox.control("push", {"url": place.push_url})
    with place.worker() as worker, worker_process(place.config(), "receiver", forked=False) as receiver:
        await asyncio.gather(worker.ready(), receiver.ready())
        await eventually(lambda: looks(place), lambda found: found and found[0]["last_seen"])
        message = arrives(place)
        arrived = await record(place, ARRIVED, seconds=15)  # long before the next look is due
        assert arrived.json["messageId"] == message
        await nothing_comes_of_forged_pushes(place, message)

        await place.publish("open-1", OPEN, {"messageId": message})
        received = await record(place, RECEIVED)
        opened = await record(place, OPENED)
        large = large_file(received)
        (stored,) = [
            one
            for field in opened.json["data"]["fields"]
            for one in field.get("files", ())
            if one.get("blobId") and one["name"] == large["name"]
        ]
        assert stored["file"]["sha256"] == large["sha256"]
        blobs = place.sandbox.ledger()["blobs"]
        assert large["sha256"] in {one["hash"].lower() for one in blobs}
        async with place.client(certificate=False) as client:
            assert await fetched(client, large["url"]) == (large["size"], large["sha256"])

        async with place.client() as client:
            document = await uploaded(client, MEGABYTES)
        await place.publish("answer-1", SEND, answer_with(document))
        await record(place, ANSWERED)
        counts = await is_done_once(place, message, document)
        place.memory.append(most_memory(receiver.process.pid))
    assert set(counts.values()) == {1}
    is_small(place)


async def looks(place):
    listed = await asyncio.to_thread(herald, "watches", "list", "--json", "--config", place.config())
    return json.loads(listed.stdout)


async def nothing_comes_of_forged_pushes(place, message):
    """Push what is not so, and what is so once more: each makes a look, and states nothing."""
    before = (await looks(place))[0]["last_seen"]
    async with place.client(certificate=False) as client:
        for body in (
            {"EventType": "Received", "MessageId": message},
            {"EventType": "Received", "MessageId": message},
            {"EventType": "Received", "MessageId": 999_999},
            {"EventType": "Delivered", "MessageId": message},
        ):
            assert (await client.post(place.push_url, json=body)).status_code == 200
        assert (await client.post(place.push_url, content=b"nonsense")).status_code == 400
        body = {"EventType": "Received", "MessageId": message}
        wrong = place.push_url[:-1] + "x"
        assert (await client.post(wrong, json=body)).status_code == 404
    await eventually(lambda: looks(place), lambda found: found[0]["last_seen"] > before)
    assert [one.headers["ce_type"] for one in await place.records()] == [ARRIVED]
    (shown,) = place.sandbox.ledger()["messages"]
    assert [one["openings"] for one in shown["recipients"]] == [0]


ARRIVING = (
    "after look", "before saw", "after saw", "after take", "after publish edelivery.notifications", "after note",
)  # fmt: skip
OPENING = (
    f"after claim {OPEN}",
    "after sending open",
    "before received open",
    "after received open",
    "after received file-1",
    "in save",
    "before received file-2",
    "after received file-2",
    "after received file-3",
    "after received file-4",
    "before finish " + OPEN,
    "after finish " + OPEN,
    "after publish eforms.notifications",
)
ANSWERING = (
    f"after claim {SEND}",
    "after received template",
    "after received upload-1",
    "in read",
    "before received upload-2",
    "after received upload-2",
    "after sending send",
    "before finish " + SEND,
    "after finish " + SEND,
    "after publish eforms.results",
)


async def killed_at_each(place, places):
    """Run a worker for each place, until it has killed itself there."""
    with place.worker(*places) as worker:
        end = await worker.ended(240)
        assert end == 0, worker.log.read_text()[-4000:]


async def killed_while(place, crash_at, transfer):
    """Run a worker that kills itself while the hospital's system transfers a file with it."""
    with place.worker(crash_at) as worker:
        await worker.ready()
        with pytest.raises(httpx.TransportError):
            await transfer()
        assert await worker.ended(10) == 0


@pytest.mark.timeout(600)
async def test_killed_between_each_two_of_the_steps_nothing_is_lost_and_nothing_doubled(around):
    place = around()
    message = arrives(place)
    await killed_at_each(place, ARRIVING)
    await place.publish("open-1", OPEN, {"messageId": message})
    await killed_at_each(place, OPENING)

    async with place.client() as client:
        with place.worker() as worker:
            await worker.ready()
            large = large_file(await record(place, RECEIVED))
            await record(place, OPENED)
            url = large["url"]
        await killed_while(place, "in read", lambda: fetched(client, url))
        await killed_while(place, "in save", lambda: uploaded(client, MEGABYTES))
        with place.worker() as worker:
            await worker.ready()
            assert await fetched(client, url) == (large["size"], large["sha256"])
            document = await uploaded(client, MEGABYTES)

    await place.publish("answer-1", SEND, answer_with(document))
    await killed_at_each(place, ANSWERING)
    with place.worker() as worker:
        await worker.ready()
        await record(place, ANSWERED)
        await asyncio.sleep(1.5)  # longer than what a killed worker published stays its own
        counts = await is_done_once(place, message, document)
    # Only between Kafka's acknowledgement and the journal's note of it may a record come twice.
    assert counts[ARRIVED] == counts[RECEIVED] == counts[ANSWERED] == 2
    assert counts[OPENED] <= 2
    is_small(place)
