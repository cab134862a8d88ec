"""Each record whose work ends is one line at INFO, with its outcome; where it is traced, its root says the same."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import Worker, record
from tests.support.fakes.spans import Spans
from worker.observability.journey import Journey, following
from worker.observability.metrics.labels import Outcome, Stage
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.pipeline.following import tell_end
from worker.pipeline.reading import InvalidRecord
from worker.pipeline.reply_context import ReplyContext
from worker.submission import Submission
from worker.systems.port import Recovery

PARENT = f"00-{'b' * 32}-{'c' * 16}-01"
BUSY = Retry(Reason.UNAVAILABLE, "busy")
NAMED = InvalidRecord(
    Reason.CONTRACT_VIOLATION,
    (Problem("$.data", "required", "Give data."),),
    SubmissionRef("his", "s-1", "t", traceparent=PARENT),
    b"",
)
UNNAMED = replace(NAMED, submission=None)


@pytest.fixture(autouse=True)
def _debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "worker")


def _told(caplog: pytest.LogCaptureFixture, level: int) -> Sequence[logging.LogRecord]:
    return [one for one in caplog.records if one.levelno == level]


@pytest.mark.parametrize(
    ("submits", "read", "end"),
    [
        ((Accepted({}),), SUBMISSION, ("accepted", None, 1)),
        ((Rejected(()),), SUBMISSION, ("rejected", None, 1)),
        ((BUSY, Accepted({})), SUBMISSION, ("accepted", None, 2)),
        ((Blocked(Reason.ACCESS_DENIED, "no"),), SUBMISSION, ("failed", "access-denied", 1)),
        ((Unknown(Reason.ANSWER_TIMEOUT, "none"),), SUBMISSION, ("held", "outcome-unknown", 1)),
        ((), NAMED, ("failed", "contract-violation", 0)),
        ((), UNNAMED, ("unreadable", "contract-violation", None)),
    ],
)  # fmt: skip
async def test_each_end_is_one_line(caplog, submits, read: Submission | InvalidRecord, end):
    outcome, reason, attempts = end
    await Worker(*submits, read=read, recovery=Recovery.HOLD, looks_up=False).process()

    (line,) = _told(caplog, logging.INFO)
    found = vars(line)
    assert (found["message"], found["outcome"]) == ("submission finished", outcome)
    assert (found.get("reason"), found.get("attempts")) == (reason, attempts)
    assert (found["topic"], found["partition"], found["offset"]) == ("submissions", 0, 0)
    assert found["seconds"] >= 0
    assert _told(caplog, logging.WARNING) == []


async def test_the_line_shows_each_stage_to_a_tenth_of_a_millisecond(caplog):
    journey = Journey(lambda: 0.0)
    journey.took(Stage.CLAIM, 0.01236)
    journey.took(Stage.FINISH, 12.00004)
    with following(journey):
        tell_end(record(), "prescribe", Outcome.ACCEPTED, replay=False)

    (line,) = _told(caplog, logging.INFO)
    assert vars(line)["stages"] == {"claim": 0.0124, "finish": 12.0}


async def test_a_duplicate_is_one_more_line_and_what_comes_again_is_none(caplog):
    worker = Worker(Accepted({}))
    await worker.process(offset=0)
    await worker.process(offset=0)
    await worker.process(offset=1)

    assert [vars(one)["outcome"] for one in _told(caplog, logging.INFO)] == ["accepted", "duplicate"]


async def test_the_second_retry_is_a_warning(caplog):
    await Worker(BUSY, BUSY, BUSY, Accepted({})).process()

    retries = [one.levelname for one in caplog.records if one.message == "will try again"]
    assert retries == ["DEBUG", "WARNING", "WARNING"]


async def _answered(tracer: Spans | None) -> ReplyContext:
    """Return what the reply to an accepted submission is rendered from."""
    worker = Worker(Accepted({}), read=replace(SUBMISSION, traceparent=PARENT), tracer=tracer)
    await worker.process()
    (context,) = worker.renderer.contexts
    return context


async def test_the_reply_continues_the_trace_of_the_event():
    tracer = Spans()
    context = await _answered(tracer)

    assert tracer.parents == [PARENT]
    (reply,) = [one for one in tracer.spans if one.name == "reply"]
    assert context.submission.traceparent == reply.traceparent
    assert [one.name for one in tracer.spans if not one.ended] == []


async def test_without_traces_the_reply_carries_the_traceparent_of_the_event():
    assert (await _answered(None)).submission.traceparent == PARENT
