"""The acknowledgement of an answer: after its reply, until the system knows, and never with another end."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.fakes.later import LaterSystem
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import Worker
from tests.support.fakes.ports import Reaction, lost, retry
from tests.unit.worker.pipeline.asking.test_asker import ACCEPTED, look, taken, waiting
from worker.outcome import Blocked, NotArrived
from worker.pipeline.ports import Phase, State
from worker.systems.port import NotPrepared

KEY = (SUBMISSION.source, SUBMISSION.id)


def acknowledged(worker: Worker) -> int:
    return worker.log.count("sent acknowledge")


async def test_it_is_sent_when_kafka_has_the_reply_and_then_nothing_is_left() -> None:
    worker = await taken(ACCEPTED, told=(True,))
    await look(worker, 10)
    assert worker.log[-6:] == [
        "published to replies",
        "answered",
        "acknowledge",
        "sending acknowledge 3 doubt=True",
        "sent acknowledge",
        "waited",
    ]
    assert worker.texts == [b"accepted revision 1 attempts 2 "]


@pytest.mark.parametrize("first", [False, lost(), RuntimeError()], ids=["unknown", "lost", "defect"])
async def test_it_is_repeated_at_the_pace_of_asking_until_the_system_knows(first: Reaction | bool) -> None:
    worker = await taken(ACCEPTED, told=(first, False, True))
    waits = []
    for after in (10, 10, 20):
        await look(worker, after)
        if worker.store.waits:
            assert waiting(worker).phase is Phase.ACKNOWLEDGE
            waits.append(waiting(worker).due - worker.clock.monotonic())
    assert (waits, acknowledged(worker)) == ([10, 20], 3)
    assert not worker.store.waits
    assert worker.texts == [b"accepted revision 1 attempts 2 "]
    assert worker.store.entries[KEY].state is State.ACCEPTED


@pytest.mark.parametrize("obstacle", [retry(), Blocked(Reason.SIGNING_FAILED, "the key is locked")])
async def test_one_that_cannot_be_made_is_made_later(obstacle: Reaction) -> None:
    worker = await taken(ACCEPTED, told=(True,))
    assert isinstance(worker.system, LaterSystem)
    worker.system.unprepared = [None, NotPrepared(obstacle)]  # type: ignore[arg-type]
    await look(worker, 10)
    assert acknowledged(worker) == 0
    await look(worker, 10)
    assert acknowledged(worker) == 1
    assert not worker.store.waits


async def test_it_is_given_up_when_its_time_is_over(caplog: pytest.LogCaptureFixture) -> None:
    worker = await taken(ACCEPTED, told=(False,) * 50)
    for _ in range(100):
        await look(worker, 5)
    assert not worker.store.waits
    assert worker.texts == [b"accepted revision 1 attempts 2 "]
    assert 5 < acknowledged(worker) < 50
    assert "given up" in caplog.text


async def test_only_what_the_system_answered_is_acknowledged() -> None:
    worker = await taken(NotArrived(Reason.NOT_FOUND, "no such call"), told=(True,))
    await look(worker, 10)
    assert acknowledged(worker) == 0
    assert not worker.store.waits


async def test_a_record_that_comes_again_meanwhile_gets_the_stored_answer() -> None:
    worker = await taken(ACCEPTED, told=(False, True))
    await look(worker, 10)
    await worker.process(offset=7)
    assert worker.texts == [b"accepted revision 1 attempts 2 "] * 2
    await look(worker, 10)
    assert not worker.store.waits
