"""A worker stops while it asks: what is in flight ends within the time, and the rest is another worker's at once."""

from __future__ import annotations

import asyncio

from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import Worker
from tests.support.fakes.ports import LateAnswer, settle
from tests.unit.worker.pipeline.asking.test_asker import ACCEPTED, look, taken
from worker.outcome import Outcome
from worker.pipeline.ports import State
from worker.systems.port import Prepared

KEY = (SUBMISSION.source, SUBMISSION.id)


async def test_an_ask_in_flight_ends_and_nothing_more_begins() -> None:
    late = LateAnswer()
    worker = await taken(late)
    await look(worker, 10)
    assert worker.asker is not None
    stop = asyncio.create_task(worker.asker.stop())
    await settle()
    late.answer.set_result(ACCEPTED)
    await stop
    assert worker.texts == [b"accepted revision 1 attempts 2 "]
    assert not worker.asker._tasks


async def test_an_ask_without_an_answer_in_the_drain_time_is_anothers() -> None:
    async def never(_: Prepared) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    one = await taken(never)
    await look(one, 10)
    assert one.asker is not None
    one.asker._drain_seconds = 0.01
    await one.asker.stop()
    assert not one.asker._tasks
    assert one.store.entries[KEY].state is State.WAITING
    assert one.store.entries[KEY].owner is None
    two = Worker(asks=[ACCEPTED], store=one.store, owner="worker-2")
    await look(two, 60)
    assert two.texts == [b"accepted revision 1 attempts 3 "]


async def test_what_waits_for_its_turn_is_given_back_unasked() -> None:
    one = await taken(ACCEPTED)
    assert one.asker is not None
    await one.clock.sleep(10)
    one.journal.renew()
    await one.asker.look()
    await one.asker.stop()
    assert "sent ask" not in one.log
    assert one.store.entries[KEY].owner is None
    two = Worker(asks=[ACCEPTED], store=one.store, owner="worker-2")
    await look(two)
    assert two.texts == [b"accepted revision 1 attempts 2 "]


async def test_a_reply_that_kafka_does_not_take_is_the_next_workers() -> None:
    one = await taken(ACCEPTED)
    one.replies.hinder = asyncio.Event()
    await look(one, 10)
    assert one.asker is not None
    one.asker._drain_seconds = 0.01
    await one.asker.stop()
    two = Worker(asks=[], store=one.store, owner="worker-2")
    await look(two)
    assert two.texts == [b"accepted revision 1 attempts 2 "]
    assert not two.store.waits
