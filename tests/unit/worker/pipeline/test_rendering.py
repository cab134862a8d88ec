"""Replies keep within what their topic takes: bulk stays behind under its evidence id, the rest is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from herald.contracts.reply_events import Answered
from herald.worker.outcome import Accepted
from herald.worker.pipeline.decision import Finish
from herald.worker.pipeline.ports import Record, State
from herald.worker.pipeline.rendering import Renderer, Story
from herald.worker.pipeline.routing import Routing
from herald.worker.transport.port import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = Record("t", 0, 1, 0, b"key", b"{}", ())
LIMIT = 32_000


def rendered(data, body):
    answer = Answer(200, {"content-type": "application/xml"}, body)
    story = Story(
        Answered("/his", "1", "nhis.certificate.fetch.v1"),
        operation="certificate.fetch",
        signer="doctor",
        answer=answer,
        evidence_id="message-1",
    )
    renderer = Renderer("nhis", Routing.of("herald.", "nhis"), max_reply_bytes=LIMIT)
    reply = renderer.final(RECORD, story, Finish(State.ACCEPTED, Accepted(data)), AT).reply
    assert len(reply.value) <= LIMIT
    return json.loads(reply.value)


@pytest.mark.parametrize(
    ("content", "body", "told", "shown"),
    [
        pytest.param("QQ==", b"<a/>", "QQ==", "<a/>", id="all fits"),
        pytest.param("QQ==", b"<a>" + b"x" * 40_000, "QQ==", None, id="the answer is too large"),
        pytest.param("A" * 20_000, b"<a>" + b"x" * 20_000, "A" * 20_000, None, id="only together too large"),
        pytest.param("A" * 40_000, b"<a/>", None, None, id="the data is too large by itself"),
    ],
)
def test_what_is_too_large_is_referred_to(content, body, told, shown):
    reply = rendered({"content": content, "bytes": 3}, body)
    assert reply["data"] == {"content": told, "bytes": 3}
    assert reply["answer"]["body"] == shown
    assert reply["answer"]["evidenceId"] == (None if shown else "message-1")
