"""The way of one record, with a reader and a renderer that only say what they were given."""

from __future__ import annotations

import asyncio

import pytest

from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from tests.support.fakes.journal import claim_request
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import Worker
from tests.support.fakes.ports import (
    FakeClock,
    FakeStops,
    LateAnswer,
    lost,
    retry,
    settle,
)
from worker.outcome import Accepted, Blocked, Outcome
from worker.pipeline.flood.causes import Hold, Party, Scope, Sender
from worker.pipeline.flood.counting import FloodCounters, FloodPolicy
from worker.pipeline.flood.guard import FloodGuard
from worker.pipeline.ports import State
from worker.pipeline.reading import InvalidRecord
from worker.pipeline.shutdown import Released, SetAside
from worker.systems.port import Prepared, Recovery

ACCEPTED = Accepted({"nrn": "25A01234B567"})
PROBLEMS = (Problem("$.signer", "unknown-signer", "name a signer that is configured"),)


async def _in_flight(worker: Worker) -> asyncio.Task[None]:
    task = asyncio.create_task(worker.process())
    await settle()
    assert worker.log[-1].startswith("sent")
    return task


async def _never(_: Prepared) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


async def test_the_outcome_is_durable_before_the_reply_and_the_reply_before_the_end() -> None:
    worker = Worker(ACCEPTED)

    await worker.process()

    assert worker.log[-4:] == ["sent submit", "finish accepted", "published to replies", "answered"]


async def test_a_dead_letter_is_there_before_the_reply_that_names_it() -> None:
    worker = Worker(lost(), recovery=Recovery.HOLD)

    await worker.process()

    assert worker.log[-4:] == ["finish held", "published to dead-letters", "published to replies", "answered"]


async def test_the_rule_of_the_submission_itself_decides() -> None:
    held, repeated = (
        Worker(lost(), recovery=Recovery.REPEAT),
        Worker(lost(), ACCEPTED, recovery=Recovery.HOLD),
    )
    held.system.own_rule, repeated.system.own_rule = Recovery.HOLD, Recovery.REPEAT

    await held.process()
    await repeated.process()

    assert "finish held" in held.log
    assert "finish accepted" in repeated.log
    assert (len(held.system.sent), len(repeated.system.sent)) == (1, 2)


async def test_a_duplicate_gets_the_same_answer_and_nothing_is_sent() -> None:
    worker = Worker(ACCEPTED)
    await worker.process()

    await worker.process(offset=1)

    first, second = worker.replies.events
    assert first == second
    assert len(worker.system.sent) == 1


async def test_a_duplicate_of_a_dead_one_does_not_repeat_its_dead_letter() -> None:
    worker = Worker(lost(), recovery=Recovery.HOLD)
    await worker.process()

    await worker.process(offset=1)

    assert [event.topic for event in worker.replies.events] == ["dead-letters", "replies", "replies"]


async def test_what_was_not_acknowledged_is_published_after_a_crash_dead_letter_and_all() -> None:
    one = Worker(lost(), recovery=Recovery.HOLD)
    one.replies.hinder = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        await one.process()
    one.journal.die()
    two = Worker(recovery=Recovery.HOLD, store=one.store, owner="worker-2")

    await two.process()

    assert two.log[-3:] == ["published to dead-letters", "published to replies", "answered"]
    assert two.system.sent == []


async def test_the_same_identity_with_other_content_is_a_dead_letter_without_an_answer() -> None:
    worker = Worker(ACCEPTED)
    await worker.journal.claim(claim_request(SUBMISSION, worker.clock, content_hash=b"other"))

    await worker.process(offset=4)

    assert worker.log[-3:] == ["park", "published to dead-letters", "published"]
    assert list(worker.store.parked) == ["submissions/0/4"]
    assert worker.system.sent == []


INVALID = InvalidRecord(
    Reason.UNKNOWN_SIGNER,
    PROBLEMS,
    SubmissionRef(SUBMISSION.source, SUBMISSION.id, SUBMISSION.type, "doctor-9", None),
    SUBMISSION.content_hash,
)


async def test_what_cannot_be_named_is_a_dead_letter_only() -> None:
    worker = Worker(read=InvalidRecord(Reason.NOT_JSON, PROBLEMS, None, b""))

    await worker.process()

    assert worker.log == ["park", "published to dead-letters", "published"]


async def test_what_can_be_named_but_not_taken_gets_a_failed_reply() -> None:
    worker = Worker(read=INVALID)

    await worker.process()

    assert worker.texts == [b"failed revision 1 attempts 0 unknown-signer"]
    assert worker.system.sent == []


async def test_what_became_invalid_while_it_was_in_doubt_is_held() -> None:
    # It was being sent; then the worker came back with settings that do not know the signer any more.
    one = Worker(_never)
    task = await _in_flight(one)
    task.cancel()
    await settle()
    one.journal.die()
    two = Worker(read=INVALID, store=one.store, owner="worker-2")

    await two.process()

    assert two.texts == [b"held revision 1 attempts 1 outcome-unknown"]


async def test_a_submission_of_another_worker_is_waited_for() -> None:
    one = Worker(_never, runs=False)
    task = await _in_flight(one)
    two = Worker(ACCEPTED, store=one.store, owner="worker-2")
    second = asyncio.create_task(two.process())
    await settle()
    await one.clock.advance(14)
    assert two.system.sent == []
    await one.clock.advance(2)
    two.journal.renew()
    await one.clock.advance(1)
    await second

    assert two.texts == [b"accepted revision 1 attempts 2 "]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_shutdown_ends_the_wait_for_another_worker() -> None:
    one = Worker(_never, runs=False)
    task = await _in_flight(one)
    two = Worker(store=one.store, owner="worker-2")
    second = asyncio.create_task(two.process())
    await settle()
    two.shutdown.drain()
    await one.clock.advance(1)

    with pytest.raises(Released):
        await second
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_was_overtaken_leaves_the_answer_to_the_new_owner() -> None:
    slow = LateAnswer()
    one = Worker(slow)
    task = await _in_flight(one)
    one.journal.die()
    two = Worker(ACCEPTED, store=one.store, owner="worker-2")
    await two.process()
    one.journal.renew()
    slow.answer.set_result(ACCEPTED)
    await task

    assert (one.replies.events, len(two.replies.events)) == ([], 1)
    assert one.log.count("finish accepted") == 2  # the first of them fenced
    assert "fenced" in one.log


@pytest.mark.parametrize("recovery", [Recovery.SAME_IDENTITY, Recovery.HOLD])
async def test_the_same_submission_under_another_key_waits_for_the_first(recovery: Recovery) -> None:
    slow = LateAnswer()
    worker = Worker(slow, recovery=recovery, runs=False)
    task = await _in_flight(worker)
    twin = asyncio.create_task(worker.process(offset=1, key=b"patient-1-renamed"))
    await settle()
    await worker.clock.advance(5)
    assert not twin.done()
    slow.answer.set_result(ACCEPTED)
    await task
    await worker.clock.advance(5)
    await twin

    assert len(worker.system.sent) == 1
    assert worker.texts == [b"accepted revision 1 attempts 1 "] * 2


async def test_a_shutdown_ends_the_wait_for_the_same_submission() -> None:
    worker = Worker(_never, runs=False)
    task = await _in_flight(worker)
    twin = asyncio.create_task(worker.process(offset=1, key=b"patient-1-renamed"))
    await settle()
    worker.shutdown.drain()
    await worker.clock.advance(1)

    with pytest.raises(Released):
        await twin
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_put_down_is_released_at_once() -> None:
    worker = Worker(retry(), runs=False)
    task = asyncio.create_task(worker.process())
    await settle()
    worker.shutdown.drain()
    with pytest.raises(Released):
        await task

    (entry,) = worker.store.entries.values()
    assert (entry.state, entry.owner) == (State.CLAIMED, None)


async def test_an_aborted_exchange_is_released_in_the_journal_too() -> None:
    worker = Worker(_never)
    task = await _in_flight(worker)
    worker.shutdown.abort()
    task.cancel()
    with pytest.raises(Released):
        await task

    (entry,) = worker.store.entries.values()
    assert (entry.state, entry.owner, entry.in_doubt) == (State.CLAIMED, None, True)
    assert worker.log[-2:] == ["received 1 unknown doubt=True", "release"]


async def test_an_aborted_publication_is_released_and_made_by_the_next() -> None:
    one = Worker(ACCEPTED)
    one.replies.hinder = asyncio.Event()
    task = asyncio.create_task(one.process())
    await settle()
    one.shutdown.abort()
    task.cancel()
    with pytest.raises(Released):
        await task
    two = Worker(store=one.store, owner="worker-2")
    await two.process()

    assert one.replies.events == []
    assert two.texts == [b"accepted revision 1 attempts 1 "]


def _one_dead_letter_a_minute(clock: FakeClock) -> FloodGuard:
    counters = FloodCounters(FloodPolicy(share=1, dead_letters_per_minute=1), clock.monotonic)
    return FloodGuard("scripted", counters, FakeStops(clock), clock)


async def test_what_must_not_become_a_dead_letter_yet_is_set_aside_and_its_claim_released() -> None:
    ref = SubmissionRef(SUBMISSION.source, SUBMISSION.id, SUBMISSION.type, SUBMISSION.signer)
    problem = Problem("$.data", "type", "Give an object.")
    invalid = InvalidRecord(Reason.CONTRACT_VIOLATION, (problem,), ref, b"hash")
    worker = Worker(read=invalid, flood=_one_dead_letter_a_minute)
    worker.flood.dies(Reason.NOT_JSON, Sender(SUBMISSION.source))  # another one of this minute
    with pytest.raises(SetAside) as aside:
        await worker.process()
    assert aside.value.hold == Hold(Party(Scope.SOURCE, SUBMISSION.source), stopped=False)
    assert worker.log == ["claim", "release"]
    (entry,) = worker.store.entries.values()
    assert entry.owner is None
    assert worker.replies.events == []
    worker.clock._elapsed += 62
    await worker.process()
    assert [event.topic for event in worker.replies.events] == ["dead-letters", "replies"]


async def test_what_was_parked_before_counts_no_second_time() -> None:
    """Its worker ended before the offset was committed, and the next one reads it again."""
    problem = Problem("record", "not-json", "Give JSON.")
    unreadable = InvalidRecord(Reason.NOT_JSON, (problem,), None, b"hash")
    one = Worker(read=unreadable)
    await one.process()
    two = Worker(read=unreadable, store=one.store, owner="worker-2", flood=_one_dead_letter_a_minute)
    for _ in range(3):
        await two.process()
    assert two.flood.limited == ()
    assert len(one.replies.events + two.replies.events) == 1
    two.flood.dies(Reason.NOT_JSON, Sender())  # a new one
    assert two.flood.limited == (Party(Scope.SOURCE, ""),)


async def test_what_was_sent_becomes_its_dead_letter_at_once() -> None:
    worker = Worker(Blocked(Reason.ACCESS_DENIED, "403"), flood=_one_dead_letter_a_minute)
    worker.flood.dies(Reason.ACCESS_DENIED, Sender(SUBMISSION.source, SUBMISSION.signer))
    await worker.process()
    assert [event.topic for event in worker.replies.events] == ["dead-letters", "replies"]
