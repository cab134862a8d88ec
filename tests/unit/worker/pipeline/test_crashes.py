"""A worker dies at any line, and another goes on from what the journal says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    ABSENT,
    ACCEPTED,
    EXISTS,
    HOLD,
    LOOK,
    PROBLEMS,
    REJECTED,
    REPEAT,
    RULES,
    SAME,
    Engine,
    MakeEngine,
)
from tests.support.fakes.ports import lost, retry, settle, unsent
from worker.outcome import (
    NotArrived,
    Outcome,
)
from worker.pipeline.ports import State
from worker.pipeline.shutdown import Released
from worker.systems.port import Prepared, Recovery, Refused


class Crash(KeyboardInterrupt):
    """The process ends here: nothing contains this exception as a defect."""


def _crash_at(one: Engine, step: str, *, times: int = 1) -> None:
    """End the worker before it writes this step for the `times`-th time."""
    left = times

    async def before(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and not left:
            raise Crash

    one.journal.before = before


async def _dies(_: Prepared) -> Outcome:
    raise Crash


async def test_hold_found_in_sending_is_held_and_not_sent(engine: MakeEngine) -> None:
    one = engine(HOLD, _dies)
    with pytest.raises(Crash):
        await one.run()
    two = one.next_worker()

    end = await two.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert two.system.sent == []


async def test_hold_is_sent_after_a_crash_that_came_before_sending(engine: MakeEngine) -> None:
    one = engine(HOLD)
    _crash_at(one, "sending")
    with pytest.raises(Crash):
        await one.run()

    end = await one.next_worker(ACCEPTED).run()

    assert end.state is State.ACCEPTED


async def test_hold_is_sent_again_when_the_crash_came_after_a_certain_failure(engine: MakeEngine) -> None:
    one = engine(HOLD, unsent())
    _crash_at(one, "sending", times=2)
    with pytest.raises(Crash):
        await one.run()

    end = await one.next_worker(ACCEPTED).run()

    assert end.state is State.ACCEPTED


async def test_same_identity_found_in_sending_is_sent_again_in_doubt(engine: MakeEngine) -> None:
    one = engine(SAME, _dies)
    with pytest.raises(Crash):
        await one.run()
    two = one.next_worker(REJECTED, look_ups=(ACCEPTED,))

    end = await two.run()

    assert end.state is State.ACCEPTED
    assert two.system.attempts[0].number == 2
    assert two.system.doubted == [REJECTED]


async def test_look_up_first_found_in_sending_asks_before_it_sends(engine: MakeEngine) -> None:
    one = engine(LOOK, _dies)
    with pytest.raises(Crash):
        await one.run()
    two = one.next_worker(look_ups=(ACCEPTED,))

    end = await two.run()

    assert end.state is State.ACCEPTED
    assert two.system.sent == []


async def test_repeat_found_in_sending_is_asked_again_without_doubt(engine: MakeEngine) -> None:
    one = engine(REPEAT, _dies)
    with pytest.raises(Crash):
        await one.run()

    end = await one.next_worker(REJECTED).run()

    assert end.state is State.REJECTED


async def test_a_read_that_cannot_be_repeated_fails_and_is_nothing_for_a_person(engine: MakeEngine) -> None:
    one = engine(REPEAT, _dies)
    with pytest.raises(Crash):
        await one.run()
    two = one.next_worker()
    two.system.preparing = [Refused(Reason.SCHEMA_VIOLATION, PROBLEMS)]

    end = await two.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.SCHEMA_VIOLATION)


async def test_a_restart_keeps_the_schedule(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), retry(), retry(), runs=False)
    run = asyncio.create_task(one.run())
    await settle()
    await one.clock.advance(1)
    await one.clock.advance(2)
    assert one.clock.naps == [1.0, 2.0, 4.0]
    one.shutdown.drain()
    await settle()
    with pytest.raises(Released):
        await run
    await one.clock.advance(1.5)
    two = one.next_worker(retry(), ACCEPTED)
    run = asyncio.create_task(two.run())
    await settle()

    # The rest of the third wait, then the fourth of the schedule.
    assert one.clock.naps[3:] == [2.5]
    assert two.system.sent == []
    await one.clock.advance(2.5)
    assert one.clock.naps[4:] == [8.0]
    await one.clock.advance(8)
    assert (await run).state is State.ACCEPTED
    assert [a.number for a in two.system.attempts] == [4, 5]


async def test_a_next_attempt_that_is_past_is_made_at_once(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), runs=False)
    await one.shut_down_at_rest()
    await one.clock.advance(3600)

    end = await one.next_worker(ACCEPTED).run()

    assert end.state is State.ACCEPTED
    assert one.clock.naps == [1.0]


async def test_the_time_for_retries_goes_on_over_a_restart(
    engine: MakeEngine,
) -> None:
    one = engine(SAME, retry(), runs=False)
    await one.shut_down_at_rest()
    # As if the first worker had tried for all but a second of the time.
    one.entry.schedule = replace(one.entry.schedule, spent=one.policy.give_up_after - 1, due=None)
    two = one.next_worker(retry())

    end = await two.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.RETRIES_EXHAUSTED)
    assert len(two.system.sent) == 1


async def test_defects_are_counted_anew_after_a_restart_and_the_time_for_retries_ends_them(
    engine: MakeEngine,
) -> None:
    async def broken(*_: object) -> Prepared:
        raise ValueError

    one = engine(SAME, runs=False)
    # More workers than `defects` allows tries; the last one finds all but a second of the time spent.
    for left in (600.0, 400.0, 300.0, 200.0):
        one.system.prepare = broken
        run = asyncio.create_task(one.run())
        await settle()
        assert not run.done()
        one.shutdown.drain()
        with pytest.raises(Released):
            await run
        one.entry.schedule = replace(one.entry.schedule, spent=one.policy.give_up_after - left, due=None)
        one = one.next_worker()
    one.entry.schedule = replace(one.entry.schedule, spent=one.policy.give_up_after - 1, due=None)
    one.system.prepare = broken

    assert (await one.run()).state is State.FAILED


async def test_time_without_a_worker_and_steps_of_the_clock_end_no_retries(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), runs=False)
    await one.shut_down_at_rest()
    await one.clock.advance(2 * one.policy.give_up_after)
    one.clock.step_wall_clock(86_400)

    end = await one.next_worker(ACCEPTED).run()

    assert end.state is State.ACCEPTED


class Registry:
    """A system with a memory: what reaches it is registered once, and its look-up shows that."""

    def __init__(self, recovery: Recovery, temper: str, crash: str) -> None:
        self.recovery = recovery
        self.temper = temper
        self.crash = crash
        self.registered: list[str] = []
        self.calls = 0

    async def submit(self, message: Prepared) -> Outcome:
        self.calls += 1
        first = self.calls == 1
        if first and self.crash == "before the first byte":
            raise Crash
        outcome = self._take(message.message_id, first)
        if first and self.crash == "before the answer":
            raise Crash
        if first and self.temper in ("loses the answer", "loses the message"):
            raise lost()
        return outcome

    async def look_up(self, _: Prepared) -> Outcome | NotArrived:
        if self.registered:
            return ACCEPTED
        return ABSENT if self.recovery in (LOOK, HOLD) else REJECTED

    def _take(self, message_id: str, first: bool) -> Outcome:
        if first and self.temper == "is away":
            raise unsent()
        if first and self.temper == "loses the message":
            return ACCEPTED
        if self.temper == "refuses":
            return REJECTED
        if self.registered and self.recovery is not REPEAT:
            assert self.recovery is SAME, "sent again what may not be"
            return EXISTS
        self.registered.append(message_id)
        return ACCEPTED


TEMPERS = ["is calm", "refuses", "is away", "loses the answer", "loses the message"]
CRASHES = [
    *(f"before {step} {times}" for step in ("sending", "received", "finish") for times in (1, 2, 3)),
    "before the first byte",
    "before the answer",
]


@pytest.mark.parametrize("recovery", RULES)
@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("crash", CRASHES)
async def test_a_crash_anywhere_ends_as_no_crash_does(
    engine: MakeEngine, recovery: Recovery, temper: str, crash: str
) -> None:
    calm, system = Registry(recovery, temper, ""), Registry(recovery, temper, crash)
    expected = await engine(recovery, *[calm.submit] * 9, look_ups=(calm.look_up,) * 9).run()
    one = engine(recovery, *[system.submit] * 9, look_ups=(system.look_up,) * 9)
    if crash[-1].isdigit():
        _crash_at(one, crash.split()[1], times=int(crash.split()[2]))

    try:
        end = await one.run()
    except Crash:
        two = one.next_worker(*[system.submit] * 9, look_ups=(system.look_up,) * 9)
        end = await two.run()

    # A held operation is not sent again even where a person will find that it never arrived.
    assert end.state in ({expected.state, State.HELD} if recovery is HOLD else {expected.state})
    assert recovery is REPEAT or len(system.registered) <= 1
    assert end.state is not State.ACCEPTED or system.registered
