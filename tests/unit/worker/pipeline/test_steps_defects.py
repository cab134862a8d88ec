"""A system whose steps are defective: each submission ends visibly, after a bounded number of tries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    LOOK,
    REPEAT,
    Engine,
    make_engine,
)
from tests.support.fakes.ports import Reaction
from tests.support.fakes.stepped import UPLOADED, SteppedSystem
from worker.outcome import Advanced, Outcome
from worker.pipeline.delivery import MOST_STEPS
from worker.pipeline.ports import State
from worker.submission import Submission
from worker.systems.port import Prepared
from worker.systems.steps import Step


def stepped(*submits: Reaction, look_ups: tuple[Reaction, ...] = (), runs: bool = True) -> Engine:
    return make_engine(LOOK, *submits, look_ups=look_ups, runs=runs, kind=SteppedSystem)


async def test_steps_that_lead_nowhere_end_as_a_defect() -> None:
    class Endless(SteppedSystem):
        def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
            return Step("turn", REPEAT)

    numbers = iter(range(10 * MOST_STEPS))

    async def turn(_: Prepared) -> Outcome:
        return Advanced({"n": str(next(numbers))})

    one = make_engine(REPEAT, *[turn] * (MOST_STEPS + 2), kind=Endless)

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.DEFECT)
    assert len(one.system.sent) == MOST_STEPS + 1


async def test_a_system_without_steps_must_not_advance() -> None:
    one = make_engine(REPEAT, *[Advanced(UPLOADED)] * 3)

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.DEFECT)


@pytest.mark.parametrize("progress", [{"n": 1}, {1: "n"}, ["n"]], ids=str)
async def test_progress_that_is_no_text_is_a_defect(progress: object) -> None:
    one = stepped(*[Advanced(progress)] * 3)  # type: ignore[arg-type]  # what a defective package may return

    assert (await one.run()).reason == Reason.DEFECT


async def test_a_defect_in_finding_the_next_step_ends_it_after_a_few_tries_with_its_progress_durable() -> (
    None
):
    class Broken(SteppedSystem):
        def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
            if "blob" in progress:
                raise KeyError
            return super().step(submission, progress)

    one = make_engine(LOOK, Advanced(UPLOADED), kind=Broken)

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.DEFECT)
    assert len(one.system.sent) == 1
    assert "received 1 advanced doubt=False" in one.log
