"""The recovery rules: what follows when nobody knows what an attempt came to."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    ABSENT,
    ACCEPTED,
    EXISTS,
    HOLD,
    LOOK,
    OBSTACLES,
    REJECTED,
    REPEAT,
    SAME,
    SUBMISSION,
    MakeEngine,
    names,
)
from tests.support.fakes.ports import Reaction, lost, retry, unknown, unsent
from worker.outcome import (
    Retry,
    Unknown,
)
from worker.pipeline.ports import State
from worker.systems.port import NotPrepared, Recovery

UNKNOWNS = [unknown(), lost()]


@pytest.mark.parametrize("first", UNKNOWNS, ids=names)
async def test_repeat_asks_again_and_doubts_nothing(engine: MakeEngine, first: Reaction) -> None:
    one = engine(REPEAT, first, REJECTED)

    end = await one.run()

    assert (end.state, end.outcome) == (State.REJECTED, REJECTED)
    assert "received 1 unknown doubt=False" in one.log
    assert one.system.asked == []


@pytest.mark.parametrize("first", UNKNOWNS, ids=names)
async def test_same_identity_sends_again_in_doubt(engine: MakeEngine, first: Reaction) -> None:
    one = engine(SAME, first, ACCEPTED)

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.log[3] == "received 1 unknown doubt=True"
    assert {p.identity for p in one.system.sent} == {f"identity of {SUBMISSION.id}"}


@pytest.mark.parametrize("first", UNKNOWNS, ids=names)
async def test_hold_never_sends_again(engine: MakeEngine, first: Reaction) -> None:
    one = engine(HOLD, first)
    one.system.can_look_up = False

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert one.log == ["claim", "sending submit 1 doubt=True", "sent submit", "finish held"]
    assert one.clock.naps == []


@pytest.mark.parametrize("first", UNKNOWNS, ids=names)
async def test_hold_is_settled_by_what_the_system_shows(engine: MakeEngine, first: Reaction) -> None:
    one = engine(HOLD, first, look_ups=(lost(), retry(), ACCEPTED))

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert (len(one.system.sent), len(one.system.asked)) == (1, 3)
    assert {type(found) for found in one.system.doubted} == {Unknown}


async def test_hold_is_looked_up_after_a_crash(engine: MakeEngine) -> None:
    one = engine(HOLD, lost(), look_ups=(lost(),))
    job = await one.claim()
    await one.delivery._attempt(job)

    two = one.next_worker(look_ups=(ACCEPTED,))

    assert (await two.run()).state is State.ACCEPTED
    assert two.system.sent == []


@pytest.mark.parametrize("rule", [SAME, LOOK, HOLD])
async def test_what_may_have_been_processed_waits_as_long_as_the_system_asks(
    engine: MakeEngine, rule: Recovery
) -> None:
    busy = Unknown(Reason.UNAVAILABLE, "503", delay=90.0)
    one = engine(rule, busy, ACCEPTED, look_ups=(busy, ACCEPTED))

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.clock.naps == ([90.0] if rule is SAME else [90.0, 90.0])
    assert len(one.system.sent) == (2 if rule is SAME else 1)


async def test_what_no_query_shows_is_held_at_once_however_long_the_system_asks_to_wait(
    engine: MakeEngine,
) -> None:
    one = engine(HOLD, Unknown(Reason.UNAVAILABLE, "503", delay=90.0))
    one.system.can_look_up = False

    assert (await one.run()).state is State.HELD
    assert one.clock.naps == []


@pytest.mark.parametrize("first", UNKNOWNS, ids=names)
async def test_look_up_first_does_not_send_what_the_system_has(engine: MakeEngine, first: Reaction) -> None:
    one = engine(LOOK, first, look_ups=(ACCEPTED,))

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.log == [
        "claim",
        "sending submit 1 doubt=True",
        "sent submit",
        "received 1 unknown doubt=True",
        "sending look-up 2 doubt=True",
        "sent look-up",
        "finish accepted",
    ]


async def test_look_up_first_sends_what_the_system_shows_not_to_have(engine: MakeEngine) -> None:
    one = engine(LOOK, lost(), ACCEPTED, look_ups=(ABSENT,))

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert [line for line in one.log if line.startswith("sent")] == [
        "sent submit",
        "sent look-up",
        "sent submit",
    ]
    assert "received 2 notarrived doubt=False" in one.log


@pytest.mark.parametrize("failed", [retry(), unknown(), lost(), unsent()], ids=names)
async def test_look_up_first_asks_until_it_knows_before_it_sends_again(
    engine: MakeEngine, failed: Reaction
) -> None:
    one = engine(LOOK, lost(), ACCEPTED, look_ups=(failed, failed, ABSENT))

    end = await one.run()

    assert end.state is State.ACCEPTED
    sent = [line.removeprefix("sent ") for line in one.log if line.startswith("sent")]
    assert sent == ["submit", "look-up", "look-up", "look-up", "submit"]


async def test_look_up_first_without_an_answer_in_time_is_held(engine: MakeEngine) -> None:
    one = engine(LOOK, lost(), look_ups=tuple([retry()] * 100))

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert len(one.system.sent) == 1


async def test_look_up_first_waits_for_the_token_that_the_look_up_needs(engine: MakeEngine) -> None:
    one = engine(LOOK, lost(), look_ups=(ACCEPTED,))
    one.system.asking = [NotPrepared(Retry(Reason.TOKEN_UNAVAILABLE, "no token could be had"))]

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert len(one.system.sent) == 1


@pytest.mark.parametrize("failed", [retry(), lost(), unsent(), ABSENT], ids=names)
async def test_hold_does_not_send_again_because_its_look_up_failed(
    engine: MakeEngine, failed: Reaction
) -> None:
    one = engine(HOLD, EXISTS, look_ups=tuple([failed] * 100))

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert len(one.system.sent) == 1


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=names)
async def test_hold_does_not_send_again_because_its_look_up_could_not_be_made(
    engine: MakeEngine, obstacle: Exception
) -> None:
    one = engine(HOLD, EXISTS)
    one.system.asking = [obstacle]

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert len(one.system.sent) == 1
