"""The way in: what a system took waits in the journal, and its record's offset goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.fakes.later import TAKEN, later
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import ASKING, Worker
from tests.support.fakes.ports import lost, settle
from worker.outcome import Accepted
from worker.pipeline.ports import State
from worker.pipeline.shutdown import Released
from worker.systems.port import Recovery

TELLS = ASKING.model_copy(update={"taken_events": True})
KEY = (SUBMISSION.source, SUBMISSION.id)


async def test_what_was_taken_is_durable_before_its_record_is_done() -> None:
    worker = Worker(TAKEN, asks=[])
    await worker.process()
    assert worker.log[-2:] == ["sent submit", "wait doubt=True"]
    entry = worker.store.entries[KEY]
    assert (entry.state, entry.owner, entry.final) == (State.WAITING, None, None)
    assert worker.store.waits[KEY].taken == TAKEN
    assert worker.replies.events == []


@pytest.mark.parametrize(("stated", "due"), [(None, 10), (40.0, 40)])
async def test_it_is_first_asked_for_as_late_as_the_system_wants(stated: float | None, due: float) -> None:
    worker = Worker(later(stated), asks=[])
    await worker.process()
    assert worker.store.waits[KEY].due - worker.clock.monotonic() == due


@pytest.mark.parametrize("rule", list(Recovery))
async def test_only_what_reads_leaves_nothing_in_doubt(rule: Recovery) -> None:
    worker = Worker(TAKEN, asks=[], recovery=rule)
    await worker.process()
    assert worker.store.entries[KEY].in_doubt is (rule is not Recovery.REPEAT)


async def test_it_may_be_taken_by_what_a_look_up_shows() -> None:
    worker = Worker(lost(), asks=[], recovery=Recovery.LOOK_UP_FIRST)
    worker.system.look_ups = [TAKEN]
    await worker.process()
    assert worker.store.entries[KEY].state is State.WAITING
    assert len(worker.system.sent) == 1


async def test_a_record_that_comes_again_sends_nothing() -> None:
    worker = Worker(TAKEN, asks=[])
    await worker.process()
    await worker.process(offset=1)
    assert len(worker.system.sent) == 1
    assert worker.replies.events == []


async def test_other_content_under_the_same_id_is_a_conflict() -> None:
    one = Worker(TAKEN, asks=[])
    await one.process()
    other = replace(SUBMISSION, content_hash=b"other", meaning_hash=b"other")
    two = Worker(asks=[], store=one.store, owner="worker-2", read=other)
    await two.process(offset=1)
    assert [event.topic for event in two.replies.events] == ["dead-letters"]


async def test_the_interim_event_is_the_same_every_time() -> None:
    one = Worker(TAKEN, asks=[], asking=TELLS)
    await one.process()
    (told,) = one.replies.events
    headers = dict(told.headers)
    assert told.topic == "scripted.results"
    assert headers["ce_type"] == b"herald.submission.taken.v1"
    assert (headers["ce_submissionid"], headers["ce_revision"]) == (b"s-1", b"1")
    assert told.value is not None
    assert b'"reference":"c-1"' in told.value
    assert b"secret-1" not in told.value
    await one.clock.sleep(100)
    two = Worker(asks=[], store=one.store, owner="worker-2", asking=TELLS)
    await two.process()
    assert two.replies.events == [told]


async def test_a_crash_before_the_interim_event_tells_it_after_all() -> None:
    one = Worker(TAKEN, asks=[], asking=TELLS)
    one.replies.hinder = ConnectionError()
    with pytest.raises(ConnectionError):
        await one.process()
    two = Worker(asks=[], store=one.store, owner="worker-2", asking=TELLS)
    await two.process()
    assert [event.topic for event in two.replies.events] == ["scripted.results"]
    assert two.system.sent == []


async def test_an_operation_may_keep_its_key_until_the_answer_is_published() -> None:
    worker = Worker(TAKEN, asks=[Accepted({})], keeps_order=True, runs=False)
    assert worker.asker is not None
    task = asyncio.create_task(worker.process())
    await settle()
    await worker.clock.advance(10)
    assert not task.done()
    await worker.asker.look()
    await settle()
    assert worker.store.entries[KEY].answered
    await worker.clock.advance(1)
    assert task.done()
    assert worker.texts == [b"accepted revision 1 attempts 2 "]


async def test_a_shutdown_releases_what_keeps_its_key_and_the_next_worker_keeps_it() -> None:
    one = Worker(TAKEN, asks=[], keeps_order=True, runs=False)
    task = asyncio.create_task(one.process())
    await settle()
    one.shutdown.drain()
    await settle()
    with pytest.raises(Released):
        await task
    two = Worker(asks=[], keeps_order=True, store=one.store, owner="worker-2")
    task = asyncio.create_task(two.process())
    await settle()
    assert not task.done()
    assert two.system.sent == []
    two.shutdown.drain()
    with pytest.raises(Released):
        await task


async def test_a_system_that_never_answers_later_cannot_take_anything() -> None:
    worker = Worker(TAKEN, Accepted({}), recovery=Recovery.SAME_IDENTITY)
    await worker.process()
    assert len(worker.system.sent) == 2
    assert worker.store.entries[KEY].got["worker-1-0"].reason == "defect"
    assert not worker.store.waits
