"""Asking: what is due is asked for at its pace, ends as any submission does, and holds up nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from tests.support.fakes.later import TAKEN, LaterSystem, later
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import ASKING, Worker
from tests.support.fakes.ports import LateAnswer, Reaction, lost, retry, settle, unknown, unsent
from tests.support.fakes.waiting import Wait
from worker.outcome import Accepted, Blocked, NotArrived, Rejected, StatedError
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.ports import State
from worker.pipeline.reading import InvalidRecord
from worker.systems.port import NotPrepared, Recovery

ACCEPTED, REJECTED = Accepted({"a": 1}), Rejected((StatedError(reason="no right"),))
KEY = (SUBMISSION.source, SUBMISSION.id)


async def taken(*asks: Reaction, told: tuple[Reaction | bool, ...] = (), **other: object) -> Worker:
    """Make a worker one of whose submissions the system took."""
    worker = Worker(TAKEN, asks=asks, told=told, **other)  # type: ignore[arg-type]  # as they are named
    await worker.process()
    return worker


async def look(worker: Worker, after: float = 0.0) -> None:
    """Let time pass, and the worker do what is due."""
    if after:
        await worker.clock.sleep(after)
    assert worker.asker is not None
    worker.journal.renew()
    await worker.asker.look()
    await settle()


def waiting(worker: Worker) -> Wait:
    return worker.store.waits[KEY]


def another_waits(worker: Worker, name: str) -> None:
    """Let another submission of the same signer wait, which is due."""
    entry, wait = worker.store.entries[KEY], waiting(worker)
    request = replace(entry.request, id=name)
    worker.store.entries[KEY[0], name] = type(entry)(request, None, state=State.WAITING, attempts=1)
    due = worker.clock.monotonic()
    worker.store.waits[KEY[0], name] = Wait(wait.begin, wait.since, wait.taken, due, due + 1000)


async def test_nothing_is_asked_before_it_is_due() -> None:
    worker = await taken(ACCEPTED)
    await look(worker, 9)
    assert worker.log[-1] == "take due"
    await look(worker, 1)
    assert "sent ask" in worker.log


@pytest.mark.parametrize(("end", "state"), [(ACCEPTED, "accepted"), (REJECTED, "rejected")])
async def test_an_answer_is_durable_before_its_reply_and_nothing_is_left(end: Reaction, state: str) -> None:
    worker = await taken(end)
    await look(worker, 10)
    assert worker.log[-7:] == [
        "sending ask 2 doubt=True",
        "sent ask",
        f"finish {state}",
        "published to replies",
        "answered",
        "acknowledge",
        "waited",
    ]
    assert worker.texts == [f"{state} revision 1 attempts 2 ".encode()]
    assert not worker.store.waits


async def test_it_is_asked_for_again_at_its_pace_with_what_the_system_said_last() -> None:
    other = later(call={"call": "c-2"})
    worker = await taken(other, later(50.0), unknown(), ACCEPTED)
    assert isinstance(worker.system, LaterSystem)
    waits = []
    for after in (10, 10, 50, 40):
        await look(worker, after)
        if worker.store.waits:
            waits.append(waiting(worker).due - worker.clock.monotonic())
    assert waits == [10, 50, 40]
    assert [one.call for one in worker.system.calls] == [TAKEN.call, other.call, TAKEN.call, TAKEN.call]
    assert worker.texts == [b"accepted revision 1 attempts 5 "]


@pytest.mark.parametrize(
    "trouble",
    [unknown(), retry(), Blocked(Reason.ACCESS_DENIED, "no access"), lost(), unsent(), RuntimeError()],
    ids=["unknown", "retry", "blocked", "lost", "unsent", "defect"],
)
async def test_trouble_says_nothing_of_the_submission(trouble: Reaction) -> None:
    worker = await taken(trouble, ACCEPTED)
    await look(worker, 10)
    assert worker.store.entries[KEY].state is State.WAITING
    assert worker.replies.events == []
    await look(worker, 60)
    assert worker.store.entries[KEY].state is State.ACCEPTED


@pytest.mark.parametrize(
    "unprepared",
    [NotPrepared(Blocked(Reason.SIGNING_FAILED, "the key is locked")), NotPrepared(retry()), RuntimeError()],
    ids=["blocked", "retry", "defect"],
)
async def test_a_message_that_cannot_be_made_is_made_later(unprepared: Exception) -> None:
    worker = await taken(ACCEPTED)
    assert isinstance(worker.system, LaterSystem)
    worker.system.unprepared = [unprepared]
    await look(worker, 10)
    assert "sent ask" not in worker.log
    await look(worker, 60)
    assert worker.store.entries[KEY].state is State.ACCEPTED


async def test_a_token_that_was_refused_is_renewed_before_the_next_ask() -> None:
    worker = await taken(retry(reauthorize=True), ACCEPTED)
    await look(worker, 10)
    assert len(worker.system.reauthorized) == 1
    await look(worker, 60)
    assert worker.store.entries[KEY].state is State.ACCEPTED


@pytest.mark.parametrize("rule", [Recovery.REPEAT, Recovery.HOLD])
async def test_the_last_ask_is_when_its_time_is_over(rule: Recovery) -> None:
    worker = await taken(*[later()] * 20, recovery=rule)
    for _ in range(100):
        await look(worker, 5)
    state = "failed" if rule is Recovery.REPEAT else "held"
    entry = worker.store.entries[KEY]
    assert worker.texts == [f"{state} revision 1 attempts {entry.attempts} answer-overdue".encode()]
    assert [event.topic for event in worker.replies.events] == ["dead-letters", "replies"]
    assert entry.last_attempt is not None
    assert entry.first_attempt is not None
    assert 300 <= (entry.last_attempt - entry.first_attempt).total_seconds() < 310
    assert entry.in_doubt is (rule is Recovery.HOLD)
    assert not worker.store.waits


async def test_an_answer_that_is_there_after_a_long_outage_is_still_taken() -> None:
    worker = await taken(ACCEPTED)
    await look(worker, 100_000)
    assert worker.texts == [b"accepted revision 1 attempts 2 "]


async def test_an_answer_that_never_comes_ends_it_at_once() -> None:
    worker = await taken(NotArrived(Reason.NOT_FOUND, "no such call"))
    await look(worker, 10)
    assert worker.texts == [b"held revision 1 attempts 2 answer-lost"]
    assert not worker.store.waits


async def test_no_time_is_over_while_the_systems_circuit_is_open() -> None:
    worker = await taken(lost(), lost(), later(), circuit=CircuitPolicy(failures=1))
    await look(worker, 300)
    assert worker.store.entries[KEY].state is State.WAITING
    assert waiting(worker).due == 300 + ASKING.maximum


async def test_an_open_circuit_lets_one_ask_of_a_signer_wait_for_the_trial() -> None:
    worker = await taken(lost(), runs=False, circuit=CircuitPolicy(failures=1, pause=1000))
    assert worker.asker is not None
    await worker.clock.advance(10)
    await look(worker)
    assert worker.admission.breakers.is_open("doctor-1")
    for name in ("s-2", "s-3"):
        another_waits(worker, name)
        await look(worker)
    assert len(worker.asker._tasks) == 1
    assert worker.log[-1] == "put off 30"
    await worker.asker.stop()
    assert not worker.asker._tasks


async def test_no_more_are_asked_at_once_than_the_settings_say() -> None:
    late = LateAnswer()
    worker = await taken(late, ACCEPTED, asking=ASKING.model_copy(update={"in_flight": 1}))
    assert worker.asker is not None
    another_waits(worker, "s-2")
    await worker.clock.sleep(30)
    assert await worker.asker.look()
    await settle()
    assert await worker.asker.look()
    assert len(worker.asker._tasks) == 1
    late.answer.set_result(ACCEPTED)
    await settle()
    assert not worker.asker._tasks


async def test_it_looks_again_and_again_and_nothing_ends_it() -> None:
    worker = await taken(ACCEPTED, runs=False)
    assert worker.asker is not None
    left = 1

    async def before(name: str) -> None:
        nonlocal left
        if name == "take due" and left:
            left -= 1
            raise RuntimeError

    worker.journal.before = before
    task = asyncio.create_task(worker.asker.run())
    for _ in range(12):
        await worker.clock.advance(1)
    assert worker.store.entries[KEY].state is State.ACCEPTED
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_another_worker_goes_on_where_one_was_fenced() -> None:
    late = LateAnswer()
    one = await taken(late)
    two = Worker(asks=[ACCEPTED], store=one.store, owner="worker-2")
    await look(one, 10)
    one.journal.die()
    await look(two)
    late.answer.set_result(REJECTED)
    await settle()
    assert (one.texts, two.texts) == ([], [b"accepted revision 1 attempts 3 "])
    assert one.store.log.count("fenced") == 1


async def test_what_a_worker_finished_and_did_not_publish_another_publishes() -> None:
    one = await taken(ACCEPTED, told=(True,))
    one.replies.hinder = asyncio.Event()
    await look(one, 10)
    assert one.log[-1] == "finish accepted"
    one.journal.die()
    two = Worker(asks=[], told=(True,), store=one.store, owner="worker-2")
    await look(two, 1)
    assert two.texts == [b"accepted revision 1 attempts 2 "]
    assert two.log[-2:] == ["sent acknowledge", "waited"]
    assert one.asker is not None
    left = one.asker._tasks[KEY]
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)


INVALID = InvalidRecord(
    Reason.UNKNOWN_SIGNER,
    (Problem("$.signer", "unknown-signer", "name another"),),
    SubmissionRef(SUBMISSION.source, SUBMISSION.id, SUBMISSION.type, SUBMISSION.signer, None),
    b"hash",
)


async def test_an_event_that_the_settings_refuse_now_waits_for_their_correction() -> None:
    one = await taken(ACCEPTED)
    two = Worker(asks=[], store=one.store, owner="worker-2", read=INVALID)
    await look(two, 10)
    assert two.replies.events == []
    await look(one, 60)
    assert one.texts == [b"accepted revision 1 attempts 2 "]


async def test_if_nobody_corrects_them_a_person_decides() -> None:
    one = await taken(ACCEPTED)
    two = Worker(asks=[], store=one.store, owner="worker-2", read=INVALID)
    for _ in range(40):
        await look(two, 10)
    assert [text and text.split()[0] for text in two.texts] == [b"held"]
    assert not one.store.waits


async def test_a_record_that_came_meanwhile_is_answered_by_the_one_reply() -> None:
    worker = await taken(ACCEPTED)
    await worker.process(offset=1)
    await look(worker, 10)
    assert len(worker.replies.events) == 1
    for offset in (0, 1):
        await worker.process(offset=offset)  # read again, as after a reset of offsets
    assert len(worker.replies.events) == 1
    await worker.process(offset=2)
    assert len(worker.replies.events) == 2
