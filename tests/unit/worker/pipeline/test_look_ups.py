"""Look-ups: of what the system has already, and of refusals that an earlier attempt puts in doubt."""

from __future__ import annotations

import asyncio

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    ACCEPTED,
    BLOCKED,
    EXISTS,
    HOLD,
    LOOK,
    REJECTED,
    SAME,
    MakeEngine,
    names,
)
from tests.support.fakes.ports import Reaction, lost, retry, settle, unknown, unsent
from worker.outcome import (
    Outcome,
    Retry,
    Unknown,
)
from worker.pipeline.ports import State
from worker.systems.port import NotPrepared, Recovery


async def test_already_exists_counts_only_when_it_is_confirmed(engine: MakeEngine) -> None:
    one = engine(SAME, lost(), EXISTS, look_ups=(ACCEPTED,))

    end = await one.run()

    assert (end.state, end.outcome) == (State.ACCEPTED, ACCEPTED)
    assert one.system.doubted == [EXISTS]
    assert one.log[-4:] == [
        "received 2 alreadyexists doubt=True",
        "sending look-up 3 doubt=True",
        "sent look-up",
        "finish accepted",
    ]
    assert len(one.entry.got) == 3


async def test_already_exists_that_is_another_ones_is_a_rejection(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS, look_ups=(REJECTED,))

    end = await one.run()

    assert (end.state, end.outcome) == (State.REJECTED, REJECTED)


@pytest.mark.parametrize("shown", [Unknown(Reason.OUTCOME_UNKNOWN, "not shown"), EXISTS, BLOCKED], ids=names)
async def test_already_exists_that_cannot_be_confirmed_is_held(engine: MakeEngine, shown: Outcome) -> None:
    one = engine(SAME, EXISTS, look_ups=(shown,))

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)


async def test_already_exists_without_a_query_is_held(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS)
    one.system.can_look_up = False

    end = await one.run()

    assert (end.state, end.outcome) == (State.HELD, EXISTS)
    assert "finish held" in one.log
    assert one.entry.got["m-1"].outcome == "alreadyexists"


@pytest.mark.parametrize("stated", [EXISTS, REJECTED], ids=names)
@pytest.mark.parametrize("failed", [retry(), unknown(), lost(), unsent()], ids=names)
async def test_a_look_up_that_failed_is_made_again_alone(
    engine: MakeEngine, failed: Reaction, stated: Outcome
) -> None:
    one = engine(SAME, lost(), stated, look_ups=(failed, failed, ACCEPTED))

    end = await one.run()

    assert end.state is State.ACCEPTED
    sent = [line.removeprefix("sent ") for line in one.log if line.startswith("sent")]
    assert sent == ["submit", "submit", "look-up", "look-up", "look-up"]
    assert one.system.doubted == [stated] * 3


async def test_a_refusal_in_doubt_is_only_looked_up_after_a_crash(engine: MakeEngine) -> None:
    one = engine(SAME, lost(), REJECTED, look_ups=(lost(),))
    job = await one.claim()
    for _ in range(2):
        await one.delivery._attempt(job)
    two = one.next_worker(look_ups=(REJECTED,))

    end = await two.run()

    assert (end.state, end.outcome) == (State.REJECTED, REJECTED)
    assert two.system.sent == []


@pytest.mark.parametrize("rule", [SAME, LOOK, HOLD])
@pytest.mark.parametrize("crash", ["after the answer", "in the look-up", "after the look-up"])
async def test_what_the_system_has_already_is_only_looked_up_after_a_crash(
    engine: MakeEngine, rule: Recovery, crash: str
) -> None:
    async def never(_: object) -> Outcome:
        await asyncio.Event().wait()
        return ACCEPTED

    one = engine(rule, EXISTS, look_ups=(lost() if crash == "after the look-up" else never,))
    one.clock._runs = False
    if crash == "after the answer":
        one.system.asking = [NotPrepared(Retry(Reason.TOKEN_UNAVAILABLE, "no token"))]
    running = asyncio.create_task(one.run())
    await settle()
    one.journal.die()
    running.cancel()
    one.clock._runs = True

    two = one.next_worker(look_ups=(lost(), ACCEPTED))
    end = await two.run()

    assert end.state is State.ACCEPTED
    assert two.system.sent == []
    assert two.system.doubted == [EXISTS, EXISTS]


async def test_what_no_look_up_confirms_in_time_is_held_with_what_the_system_said(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS, look_ups=tuple([lost()] * 100))

    end = await one.run()

    assert (end.state, end.outcome, end.reason) == (State.HELD, EXISTS, Reason.OUTCOME_UNKNOWN)
    assert end.detail == "no answer came; the system had said that it has this already, as 25A01234B567"
    assert len(one.system.sent) == 1
    assert len(one.system.asked) > 5


async def test_a_held_reply_shows_the_answer_to_the_submission_also_after_a_crash(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS, look_ups=(lost(),))
    await one.delivery._attempt(await one.claim())
    two = one.next_worker(look_ups=(lost(), BLOCKED))
    job = await two.claim()

    end = await two.delivery.run(job)

    assert (end.state, end.outcome) == (State.HELD, EXISTS)
    assert job.prepared is not None
    assert job.answer is not None
    assert (job.prepared.message_id, job.answer.body) == ("m-1", b"m-1")


async def test_a_look_up_whose_token_was_refused_is_asked_again(engine: MakeEngine) -> None:
    one = engine(SAME, EXISTS, look_ups=(retry(reauthorize=True), ACCEPTED))

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.system.reauthorized == ["m-2"]


@pytest.mark.parametrize(("shown", "state"), [(ACCEPTED, State.ACCEPTED), (REJECTED, State.REJECTED)])
async def test_a_refusal_in_doubt_is_looked_up(engine: MakeEngine, shown: Outcome, state: State) -> None:
    # The first answer was lost. What refuses the second may be that the first was processed.
    one = engine(SAME, lost(), REJECTED, look_ups=(shown,))

    end = await one.run()

    assert end.state is state
    assert one.system.doubted == [REJECTED]


async def test_a_refusal_without_doubt_is_believed(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), REJECTED)

    end = await one.run()

    assert end.state is State.REJECTED
    assert one.system.asked == []
