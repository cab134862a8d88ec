"""A worker dies before each durable step of a submission that is taken and answered later; another one goes on."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from tests.support.fakes.later import TAKEN, later
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import ASKING, Worker
from tests.support.fakes.ports import Reaction, settle
from worker.outcome import Accepted, NotArrived, Rejected, StatedError
from worker.pipeline.ports import Event
from worker.systems.port import Recovery

KEY = (SUBMISSION.source, SUBMISSION.id)
TELLS = ASKING.model_copy(update={"taken_events": True})
ACCEPTED, REJECTED = Accepted({"a": 1}), Rejected((StatedError(reason="no right"),))
LOST = NotArrived("not-found", "no such call")  # type: ignore[arg-type]  # as a code
MOST = 200
"""More steps than there are."""


def die_before(worker: Worker, step: int) -> asyncio.Event:
    """Let the worker stop for ever before its step of this number; the event tells that it has."""
    died, numbers, publish = asyncio.Event(), count(1), worker.replies.publish

    async def before(_: str = "") -> None:
        if died.is_set() or next(numbers) == step:
            died.set()
            await asyncio.Event().wait()

    async def publish_or_die(event: Event, instead: Event | None = None) -> None:
        await before()
        await publish(event, instead)

    worker.journal.before = before
    worker.replies.publish = publish_or_die  # type: ignore[method-assign]
    return died


async def bury(worker: Worker, *tasks: asyncio.Future[None]) -> None:
    """End what a worker that died was doing."""
    assert worker.asker is not None
    left = [*tasks, *worker.asker._tasks.values()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def live(worker: Worker) -> None:
    """Take the record, and ask until nothing is left to do."""
    assert worker.asker is not None
    await worker.process()
    for _ in range(MOST):
        if not worker.store.waits:
            return
        await worker.clock.sleep(5)
        worker.journal.renew()
        await worker.asker.look()
        await settle()
    raise AssertionError("it never ended")


def a_worker(first: Worker | None, *asks: Reaction, told: tuple[bool, ...], rule: Recovery) -> Worker:
    return Worker(
        TAKEN,
        store=first.store if first else None,
        owner="worker-2" if first else "worker-1",
        recovery=rule,
        asks=asks,
        told=told,
        asking=TELLS,
    )


@pytest.mark.parametrize("rule", list(Recovery))
@pytest.mark.parametrize("end", [ACCEPTED, REJECTED, LOST], ids=["accepted", "rejected", "lost"])
@pytest.mark.parametrize("told", [(), (False, True, True)], ids=["unacknowledged", "acknowledged"])
async def test_a_crash_before_any_step_ends_the_same(
    rule: Recovery, end: Reaction, told: tuple[bool, ...]
) -> None:
    for step in range(1, MOST):
        one = a_worker(None, later(), end, end, told=told, rule=rule)
        died = die_before(one, step)
        life = asyncio.ensure_future(live(one))
        waiting = asyncio.ensure_future(died.wait())
        await asyncio.wait([life, waiting], return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            waiting.cancel()
            life.result()
            break
        one.journal.die()
        two = a_worker(one, end, end, told=told[-2:], rule=rule)
        if rule in (Recovery.LOOK_UP_FIRST, Recovery.HOLD, Recovery.SAME_IDENTITY):
            two.system.look_ups = [TAKEN]
        await live(two)
        await bury(one, life)
        events = [*one.replies.events, *two.replies.events]
        _is_one_story(step, events, told=bool(told), end=end, log=one.store.log)
    else:
        raise AssertionError("more steps than expected")


def _is_one_story(step: int, events: list[Event], *, told: bool, end: Reaction, log: list[str]) -> None:
    """One answer, however often it was published; the interim event before it; nothing acknowledged before it."""
    replies = [event for event in events if event.topic == "replies"]
    assert len({event.value for event in replies}) == 1, (step, replies)
    known = not isinstance(end, NotArrived)
    if known:
        assert (replies[0].value or b"").startswith(b"accepted" if isinstance(end, Accepted) else b"rejected")
    interim = [event for event in events if event.topic == "scripted.results"]
    assert len(set(interim)) == 1, (step, interim)
    first = events.index(replies[0])
    assert events.index(interim[0]) < first
    acknowledged = [place for place, line in enumerate(log) if line == "sent acknowledge"]
    assert bool(acknowledged) is (told and known)
    if acknowledged:
        assert log.index("answered") < acknowledged[0]
