"""Submissions that need several requests: each step is durable, and has a recovery rule and a schedule of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest

from contracts.reasons import Reason
from tests.support.fakes.breakers import DOWN
from tests.support.fakes.one_delivery import (
    ACCEPTED,
    BLOCKED,
    HOLD,
    LOOK,
    REJECTED,
    REPEAT,
    SAME,
    Engine,
    make_engine,
)
from tests.support.fakes.ports import Reaction, lost, retry, settle, unsent
from tests.support.fakes.stepped import ABSENT, SCANNED, UPLOADED, Office, SteppedSystem
from worker.outcome import Advanced, Outcome, Retry, Unknown
from worker.pipeline.admission.policy import Health, health_of
from worker.pipeline.ports import State
from worker.pipeline.shutdown import Released
from worker.submission import Submission
from worker.systems.port import Prepared
from worker.systems.steps import Step
from worker.transport.port import Answer

PENDING = Advanced(UPLOADED, delay=5.0)


def stepped(*submits: Reaction, look_ups: tuple[Reaction, ...] = (), runs: bool = True) -> Engine:
    return make_engine(LOOK, *submits, look_ups=look_ups, runs=runs, kind=SteppedSystem)


async def test_the_steps_follow_at_once_and_each_is_durable_before_the_next() -> None:
    one = stepped(Advanced(UPLOADED), Advanced(SCANNED), ACCEPTED)

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.clock.naps == []
    assert one.log == [
        "claim",
        "sending submit 1 doubt=False",
        "sent submit",
        "received 1 advanced doubt=False",
        "sending submit 2 doubt=False",
        "sent submit",
        "received 2 advanced doubt=False",
        "sending submit 3 doubt=True",
        "sent submit",
        "finish accepted",
    ]
    assert [one_.step for one_ in one.entry.sent] == ["upload", "scan", "send"]
    assert [attempt.progress for attempt in one.system.attempts] == [{}, UPLOADED, SCANNED]
    assert [(message.step, message.progress) for message in one.system.sent] == [
        ("upload", {}),
        ("scan", UPLOADED),
        ("send", SCANNED),
    ]
    assert one.entry.progress == {}


async def test_a_step_that_is_not_done_waits_for_as_long_as_it_says_and_no_longer() -> None:
    one = stepped(Advanced(UPLOADED), *[PENDING] * 3, Advanced(SCANNED), ACCEPTED)

    assert (await one.run()).state is State.ACCEPTED

    assert one.clock.naps == [5.0, 5.0, 5.0]


async def test_a_step_that_is_not_done_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    one = stepped(Advanced(UPLOADED), *[PENDING] * 20, Advanced(SCANNED), retry(), ACCEPTED)
    retried: list[str] = []
    one.delivery._meter = type(
        "M", (type(one.delivery._meter),), {"retried": lambda _, why: retried.append(why)}
    )()

    with caplog.at_level(logging.WARNING):
        assert (await one.run()).state is State.ACCEPTED

    assert health_of(PENDING) is Health.UP
    assert caplog.records == []
    assert retried == [Reason.UNAVAILABLE]
    # The schedule of the step that then failed begins with its shortest delay.
    assert one.clock.naps == [*[5.0] * 20, 1.0]


async def test_a_step_that_is_never_done_ends_with_the_time_for_retries() -> None:
    one = stepped(Advanced(UPLOADED), *[PENDING] * 200)

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.STEP_NOT_DONE)
    assert end.detail == "step scan: gave up waiting: the system has not done it yet"
    assert len(one.clock.naps) == one.policy.give_up_after / 5
    assert one.entry.progress == {}


async def test_a_step_that_asks_for_no_delay_waits_as_a_retry_does() -> None:
    one = stepped(Advanced(UPLOADED), *[Advanced(UPLOADED)] * 3, Advanced(SCANNED), ACCEPTED)

    await one.run()

    assert one.clock.naps == [1.0, 2.0, 4.0]


async def test_the_time_for_a_pending_step_goes_on_over_a_restart() -> None:
    one = stepped(Advanced(UPLOADED), PENDING, runs=False)
    await one.shut_down_at_rest()
    one.entry.schedule = replace(one.entry.schedule, spent=one.policy.give_up_after - 4, due=None)

    end = await one.next_worker(PENDING).run()

    assert end.reason == Reason.STEP_NOT_DONE


async def test_a_new_step_may_ask_for_a_delay_and_a_restart_keeps_it() -> None:
    one = stepped(Advanced(UPLOADED, delay=30.0), runs=False)
    await one.shut_down_at_rest()
    assert one.clock.naps == [30.0]
    await one.clock.advance(10)

    two = one.next_worker(Advanced(SCANNED), ACCEPTED)
    run = asyncio.create_task(two.run())
    await settle()
    assert two.system.sent == []
    await one.clock.advance(20)

    assert (await run).state is State.ACCEPTED
    assert one.clock.naps[1:] == [20.0]


async def test_the_schedule_of_retries_begins_anew_with_a_step() -> None:
    one = stepped(retry(), retry(), Advanced(UPLOADED), retry(), Advanced(SCANNED), ACCEPTED)

    await one.run()

    assert one.clock.naps == [1.0, 2.0, 1.0]


async def test_a_restart_goes_on_at_the_step() -> None:
    one = stepped(Advanced(UPLOADED), retry(), runs=False)
    await one.shut_down_at_rest()
    await one.clock.advance(60)

    two = one.next_worker(Advanced(SCANNED), ACCEPTED)

    assert (await two.run()).state is State.ACCEPTED
    assert [message.step for message in two.system.sent] == ["scan", "send"]


async def test_each_step_is_retried_by_its_own_rule() -> None:
    one = stepped(
        lost(),
        Advanced(UPLOADED),
        Unknown(Reason.SERVER_ERROR, "500"),
        Advanced(SCANNED),
        lost(),
        look_ups=(ABSENT,),
    )
    one.system.submits.append(ACCEPTED)

    assert (await one.run()).state is State.ACCEPTED

    steps = [message.step for message in one.system.sent]
    assert steps == ["upload", "upload", "scan", "scan", "send", "send"]
    assert [(message.step, message.progress) for message in one.system.asked] == [("send", SCANNED)]


class Busy(SteppedSystem):
    """Its system may work for two minutes on a message whose answer was lost."""

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        step = super().step(submission, progress)
        return replace(step, settles_after=120.0) if step.looks_up else step


async def test_what_may_still_be_worked_on_is_looked_up_again_and_not_sent() -> None:
    one = make_engine(
        LOOK,
        Advanced(UPLOADED),
        Advanced(SCANNED),
        lost(),
        look_ups=(ABSENT, ACCEPTED),
        kind=Busy,
    )

    assert (await one.run()).state is State.ACCEPTED

    assert [message.step for message in one.system.sent] == ["upload", "scan", "send"]
    assert one.clock.naps == [120.0]


async def test_what_the_look_up_does_not_show_after_that_time_is_sent_again() -> None:
    one = make_engine(
        LOOK,
        Advanced(UPLOADED),
        Advanced(SCANNED),
        lost(),
        ACCEPTED,
        look_ups=(ABSENT, ABSENT),
        kind=Busy,
    )

    assert (await one.run()).state is State.ACCEPTED

    assert [message.step for message in one.system.sent] == ["upload", "scan", "send", "send"]
    assert one.clock.naps[0] == 120.0


async def test_what_is_in_doubt_at_a_step_without_a_look_up_is_held() -> None:
    class NoQuery(SteppedSystem):
        def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
            return replace(super().step(submission, progress), recovery=HOLD, looks_up=False)

    one = make_engine(LOOK, lost(), kind=NoQuery)

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert one.system.asked == []


async def test_a_look_up_may_show_that_a_step_is_done() -> None:
    class Slow(SteppedSystem):
        def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
            return Step("last", REPEAT) if progress else Step("open", LOOK, looks_up=True)

    one = make_engine(LOOK, lost(), look_ups=(Advanced({}, delay=5.0), Advanced({"opened": "1"})), kind=Slow)
    one.system.submits.append(ACCEPTED)

    assert (await one.run()).state is State.ACCEPTED

    assert [message.step for message in one.system.sent] == ["open", "last"]
    assert one.clock.naps == [5.0]
    assert one.entry.in_doubt is False


@pytest.mark.parametrize("refusal", [REJECTED, BLOCKED], ids=["rejected", "blocked"])
async def test_what_ends_a_step_ends_the_submission_and_a_replay_begins_at_the_first(
    refusal: Outcome,
) -> None:
    one = stepped(Advanced(UPLOADED), refusal)

    end = await one.run()

    assert end.state is (State.REJECTED if refusal is REJECTED else State.FAILED)
    assert one.entry.progress == {}


async def test_one_that_is_held_keeps_its_progress() -> None:
    one = stepped(Advanced(UPLOADED), Advanced(SCANNED), lost(), look_ups=(BLOCKED,))

    end = await one.run()

    assert end.state is State.HELD
    assert str(end.detail).startswith("step send: ")
    assert (one.entry.progress, one.entry.in_doubt) == (SCANNED, True)


class Careful(SteppedSystem):
    """Sends under its own identity; ``interpreted`` are the messages whose answers it read."""

    interpreted: list[Prepared]

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        if progress:
            return Step("send", SAME, looks_up=True)
        return Step("upload", REPEAT)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        self.interpreted = [*getattr(self, "interpreted", ()), prepared]
        return super().interpret(submission, prepared, answer)


async def test_a_refusal_in_doubt_is_read_again_with_its_step_after_a_restart() -> None:
    one = make_engine(
        SAME, Advanced(UPLOADED), lost(), REJECTED, look_ups=(unsent(),), runs=False, kind=Careful
    )
    run = asyncio.create_task(one.run())
    await settle()
    await one.clock.advance(1)
    assert not run.done()
    one.shutdown.drain()
    with pytest.raises(Released):
        await run
    await one.clock.advance(60)

    two = one.next_worker(look_ups=(ACCEPTED,))
    end = await two.run()

    assert end.state is State.ACCEPTED
    assert two.system.sent == []
    assert isinstance(two.system, Careful)
    (read,) = two.system.interpreted
    assert (read.step, read.progress) == ("send", UPLOADED)


async def test_a_journal_older_than_what_was_done_asks_before_it_sends() -> None:
    office = Office(scans=0)
    office.sent.append(SCANNED)
    one = stepped(*[office.submit] * 2, look_ups=(office.look_up,))
    await one.claim()
    one.entry.forgotten = one.entry.in_doubt = True

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert [message.step for message in one.system.sent] == ["upload", "scan"]
    assert len(office.sent) == 1


async def test_a_shutdown_between_two_steps_keeps_the_progress() -> None:
    one = stepped(Advanced(UPLOADED), runs=False)

    async def drains(_: Prepared) -> Outcome:
        one.shutdown.drain()
        return Advanced(UPLOADED)

    one.system.submits = [drains]
    with pytest.raises(Released):
        await one.run()

    assert one.entry.progress == UPLOADED
    assert (await one.next_worker(Advanced(SCANNED), ACCEPTED).run()).state is State.ACCEPTED


async def test_trouble_in_a_step_is_trouble() -> None:
    assert health_of(DOWN) is Health.DOWN
    one = stepped(Advanced(UPLOADED), *[Retry(Reason.UNAVAILABLE, "503")] * 100)

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.RETRIES_EXHAUSTED)
    assert str(end.detail).startswith("step scan: gave up retrying")
