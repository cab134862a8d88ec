"""A dead letter is made again exactly as it was, or not at all. The person in it is invented."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.dead_letters import replay_headers
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from tests.support.fakes.one_delivery import SUBMISSION
from worker.admin.forgotten_letters import named_letter, remade_letter
from worker.admin.past_answers import PastAnswer, past_answers, time_in
from worker.outcome import Blocked
from worker.pipeline.decision import Finish, held
from worker.pipeline.ports import Event, Record, State
from worker.pipeline.rendering import Renderer
from worker.pipeline.reply_context import ReplyContext
from worker.pipeline.routing import Routing

AT = datetime(2026, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)
ROUTING = Routing.of("herald.", "scripted")
RECORD = Record("herald.scripted.submissions", 2, 17, 1_700_000_000_000, b"k", b"<event/>", (("a", b"\xff"),))
REFUSED = Blocked(Reason.ACCESS_DENIED, "refused")
FAILED = Finish(State.FAILED, REFUSED, Reason.ACCESS_DENIED, "refused")


def ended(record, end, revision, *, attempts=2, rnu=None):
    """Return what a worker publishes: the reply, and the dead letter that it names."""
    context = ReplyContext(
        SubmissionRef(SUBMISSION.source, SUBMISSION.id, SUBMISSION.type, SUBMISSION.signer, rnu=rnu),
        SUBMISSION.operation,
        revision=revision,
        attempts=attempts,
        first_attempt=AT if attempts else None,
        last_attempt=AT + timedelta(seconds=5) if attempts else None,
    )
    final = Renderer("scripted", ROUTING, max_reply_bytes=9999).final(record, context, end, AT)
    return PastAnswer(end.state, revision, final.reply), final.dead_letter


def remade(records, answer):
    return remade_letter(SUBMISSION, records, answer, ROUTING.dead_letters)


@pytest.mark.parametrize("end", [FAILED, held(REFUSED, "no answer")], ids=["failed", "held"])
@pytest.mark.parametrize("attempts", [0, 2])
def test_it_is_as_the_worker_had_made_it(end, attempts):
    answer, letter = ended(RECORD, end, 1, attempts=attempts)
    assert replace(remade([RECORD], answer), detail=letter.detail) == letter
    assert named_letter(answer) == letter.id


def test_it_has_the_number_that_was_drawn_for_the_submission():
    answer, letter = ended(RECORD, held(REFUSED, "no answer"), 1, rnu="BGEM1")
    made = remade([RECORD], answer)
    assert made.event == letter.event
    assert dict(made.event.headers)["herald-rnu"] == b"BGEM1"


def test_that_of_a_replay_is_found_by_its_record():
    again = replace(RECORD, offset=30, headers=replay_headers(RECORD.headers, "0" * 36, 1))
    answer, letter = ended(again, FAILED, 2)
    made = remade([RECORD, again], answer)
    assert (made.id, made.replay_count, made.origin.offset) == (letter.id, 1, 30)
    assert made.event == letter.event
    assert remade([RECORD], answer) is None


def test_a_settlement_raises_the_revision_and_keeps_the_dead_letter():
    answer, letter = ended(RECORD, held(REFUSED, "no answer"), 1)
    settled = replace(answer, revision=2, state=State.FAILED)
    assert remade([RECORD], settled).id == letter.id


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"[]", b'{"deadLetter": null}', b'{"deadLetter": "x"}', b'{"deadLetter": {"id": 5}}', None],
)
def test_a_reply_that_names_none_brings_none(value):
    answer = PastAnswer(State.FAILED, 1, Event("t", b"k", value, ()))
    assert named_letter(answer) is None
    assert remade([RECORD], answer) is None


def test_another_records_reply_brings_none_however_high_its_revision():
    answer, _ = ended(RECORD, FAILED, 1)
    other = replace(answer, revision=999_999_999)
    assert remade([replace(RECORD, timestamp_ms=1)], other) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01T09:30:00.123Z", AT),
        (b"2026-03-01T09:30:00.123Z", AT),
        ("2026-03-01T11:30:00.123+02:00", AT),
        (None, None),
        (b"\xff", None),
        ("yesterday", None),
        (5, None),
    ],
)
def test_times_in_replies(text, time):
    assert time_in(text) == time


class Topics:
    """What topics hold, read in batches."""

    def __init__(self, **records):
        self.records = records

    async def batches(self, topic):
        for record in self.records[topic]:
            yield [record]


def published(answer, offset=0):
    event = answer.reply
    return Record("t", 0, offset, 0, event.key, event.value, event.headers)


async def test_of_several_replies_the_highest_revision_is_the_truth():
    first, _ = ended(RECORD, FAILED, 1)
    second, _ = ended(RECORD, FAILED, 2)
    name = (SUBMISSION.source, SUBMISSION.id)
    topics = Topics(a=[published(second), published(first)], b=[Record("b", 0, 0, 0, None, None, ())])
    found = await past_answers(topics, ["a", "b"], {name})
    assert {one: (answer.state, answer.revision) for one, answer in found.items()} == {
        name: (State.FAILED, 2)
    }
    assert found[name].at == AT
    assert json.loads(found[name].reply.value)["code"] == "access-denied"
    assert await past_answers(topics, ["a", "b"], {("/other", "1")}) == {}
    assert await past_answers(topics, ["a"], set()) == {}


@pytest.mark.parametrize("revision", [b"", b"x", b"-1", b"\xd9\xa2", b"9" * 400])
async def test_a_revision_that_is_none_is_the_first(revision):
    answer, _ = ended(RECORD, FAILED, 5)
    headers = tuple((n, revision if n == "ce_revision" else v) for n, v in answer.reply.headers)
    odd = published(replace(answer, reply=replace(answer.reply, headers=headers)))
    (found,) = (await past_answers(Topics(a=[odd]), ["a"], {(SUBMISSION.source, SUBMISSION.id)})).values()
    assert found.revision == 1
