"""Defects in the query that settles a doubt, and in what settles it."""

from __future__ import annotations

import pytest

from tests.support.fakes.defects import EXCEPTIONS, SECRET, broken, dead, ended
from tests.support.fakes.one_delivery import (
    ABSENT,
    ACCEPTED,
    EXISTS,
    HOLD,
    LOOK,
    SAME,
)
from tests.support.fakes.one_worker import Worker
from worker.pipeline.ports import State
from worker.systems.port import Recovery


@pytest.mark.parametrize("where", ["exchange sent", "interpret"])
async def test_what_a_look_up_finds_is_accepted(where: str, caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(ACCEPTED, recovery=LOOK)
    worker.system.look_ups = [ACCEPTED]
    if where == "interpret":
        broken(worker.system, where, ValueError(SECRET))
    else:
        worker.system.submits = [ValueError(SECRET)]
    assert await ended(worker, caplog) is State.ACCEPTED
    assert (dead(worker), len(worker.system.sent)) == ([], 1)


@pytest.mark.parametrize("where", ["exchange sent", "interpret"])
async def test_what_a_look_up_does_not_find_is_sent_again_and_then_fails(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(*[ACCEPTED] * 3, recovery=LOOK)
    worker.system.look_ups = [ABSENT] * 3
    if where == "interpret":
        broken(worker.system, where, ValueError(SECRET))
    else:
        worker.system.submits = [ValueError(SECRET)] * 3
    assert await ended(worker, caplog) is State.FAILED
    assert (dead(worker), len(worker.system.sent)) == (["defect"], 3)


@pytest.mark.parametrize("where", ["prepare_look_up", "settle"])
@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("rule", [SAME, LOOK, HOLD])
async def test_a_look_up_that_fails_leaves_the_doubt(
    where: str, rule: Recovery, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(EXISTS, EXISTS, EXISTS, recovery=rule)
    worker.system.look_ups = [ACCEPTED] * 3
    broken(worker.system, where, error)
    assert await ended(worker, caplog) is State.HELD
    assert dead(worker) == ["outcome-unknown"]
    assert len(worker.system.sent) == 1
