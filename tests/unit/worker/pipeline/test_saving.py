"""Replies that are too large: their parts are saved before the end is durable, outages are waited out."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.submission_ref import SubmissionRef
from tests.support.fakes.file_store import FakeFileStore
from tests.support.files.stores import OWNER, whole
from worker.file_store import FileStoreOutage, FileTooLarge
from worker.outcome import Accepted, Rejected, StatedError
from worker.pipeline.decision import Finish
from worker.pipeline.left_out import LeftOut
from worker.pipeline.ports import Record, State
from worker.pipeline.rendering import Renderer
from worker.pipeline.reply_context import ReplyContext
from worker.pipeline.routing import Routing
from worker.pipeline.saving import Saving
from worker.transport.port import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = Record("t", 0, 1, 0, b"key", b"{}", ())
LIMIT = 32_000
PDF = b"%PDF-1.4" + bytes(60_000)
DATA = {"content": base64.b64encode(PDF).decode(), "bytes": len(PDF)}
PART = LeftOut("data.content", "application/pdf", PDF)


class Clock:
    def __init__(self):
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)


def context(body=b"<a/>"):
    return ReplyContext(
        SubmissionRef("/his", "1", "nhis.certificate.fetch.v1", "doctor"),
        operation="certificate.fetch",
        answer=Answer(200, {"content-type": "application/xml"}, body),
        evidence_id="message-1",
    )


def rendered(end, body=b"<a/>", files=()):
    renderer = Renderer("nhis", Routing.of("herald.", "nhis"), max_reply_bytes=LIMIT)
    return renderer.render(RECORD, context(body), end, AT, files)


ACCEPTED = Finish(State.ACCEPTED, Accepted(DATA))


async def test_a_reply_refers_to_what_it_leaves_out():
    first = rendered(ACCEPTED, b"<a>" + b"x" * 50_000)
    assert [one.path for one in first.left_out] == ["answer.body", "data.content"]
    store = FakeFileStore()
    saved = await Saving(store, Clock(), lambda name: f"https://h/{name}").save(
        first.left_out, OWNER, "s", "1", 1
    )
    second = rendered(ACCEPTED, b"<a>" + b"x" * 50_000, saved)
    reply = json.loads(second.final.reply.value)
    assert reply["data"] == {"content": None, "bytes": len(PDF)}
    assert [one["path"] for one in reply["files"]] == ["answer.body", "data.content"]
    certificate = reply["files"][1]["file"]
    assert (certificate["mediaType"], certificate["size"]) == ("application/pdf", len(PDF))
    assert certificate["url"] == f"https://h/{certificate['id']}"
    assert await whole(store.read(certificate["id"])) == PDF
    assert second.final.files == tuple(one["file"]["id"] for one in reply["files"])
    assert len(second.final.reply.value) <= LIMIT


@pytest.mark.parametrize("data", [{"content": "QQ=="}, {"content": "A" * 20_000}])
def test_below_the_limit_nothing_changes(data):
    end = Finish(State.ACCEPTED, Accepted(data))
    made = rendered(end)
    assert made.left_out == ()
    assert b'"files"' not in made.final.reply.value
    assert made.final.files == ()


def test_errors_that_do_not_fit_are_one_file():
    errors = tuple(StatedError(type="E002", reason="x" * 1000) for _ in range(50))
    (part,) = [
        one for one in rendered(Finish(State.REJECTED, Rejected(errors))).left_out if one.path == "errors"
    ]
    assert len(json.loads(part.content)) == 50


async def test_an_outage_is_waited_out_with_growing_pauses():
    store, clock = FakeFileStore(), Clock()
    store.raises = [FileStoreOutage("the bucket cannot be reached")] * 7
    saving = Saving(store, clock)
    (saved,) = await saving.save([PART], OWNER, 1)
    assert (saved.path, saved.file.url) == ("data.content", None)
    assert clock.slept == [0.5, 1, 2, 4, 8, 10, 10]
    assert saving.waiting_for is None


async def test_a_part_that_is_too_large_is_left_out_as_without_a_store():
    store = FakeFileStore()
    store.raises = [FileTooLarge(10)]
    saved = await Saving(store, Clock()).save([PART, replace(PART, path="answer.body")], OWNER, 1)
    assert [one.path for one in saved] == ["answer.body"]
