"""An exception of any kind in any method of a system: it is tried a few times, told, and ends; the patient goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.fakes.defects import EXCEPTIONS, SECRET, SYNC, PanicException, broken, dead, ended, told
from tests.support.fakes.one_delivery import (
    ABSENT,
    ACCEPTED,
    HOLD,
    LOOK,
    REPEAT,
    RULES,
    SAME,
    SUBMISSION,
)
from tests.support.fakes.one_worker import Worker
from tests.support.fakes.ports import retry, settle
from worker.outcome import Accepted, Outcome
from worker.pipeline.ports import State
from worker.systems.port import Prepared, Recovery
from worker.transport.port import DeliveryError

BEFORE = ["identity", "recovery", "check", "prepare", "exchange unsent"]


@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("where", BEFORE)
async def test_before_the_first_byte_it_fails_after_three_tries(
    where: str, rule: Recovery, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(recovery=rule)
    broken(worker.system, where, error)
    assert await ended(worker, caplog) is State.FAILED
    assert dead(worker) == ["defect"]
    assert worker.system.sent == []
    shown = [line for line in caplog.records if "a defect of Herald" in line.getMessage()]
    assert len(shown) == 3
    assert {vars(line)["error"] for line in shown} == {type(error).__name__}
    if where not in {"identity", "recovery"}:
        assert "attempts 3 defect" in told(worker)


AFTER = {
    REPEAT: (State.FAILED, "defect", 3),
    SAME: (State.HELD, "outcome-unknown", 3),
    HOLD: (State.HELD, "outcome-unknown", 1),
}


@pytest.mark.parametrize("where", ["exchange sent", "interpret"])
@pytest.mark.parametrize("rule", AFTER)
@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
async def test_after_the_first_byte_the_recovery_rule_decides(
    where: str, rule: Recovery, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(ACCEPTED, ACCEPTED, ACCEPTED, recovery=rule, looks_up=False)
    broken(worker.system, where, error)
    state, reason, sent = AFTER[rule]
    assert await ended(worker, caplog) is state
    assert dead(worker) == [reason]
    assert len(worker.system.sent) == sent
    kept = worker.store.entries[(SUBMISSION.source, SUBMISSION.id)].got
    assert [(one.outcome, one.reason) for one in kept.values()] == [("unknown", "defect")] * sent


@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("rule", RULES)
async def test_what_cannot_be_authorised_anew_fails(
    rule: Recovery, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(*[retry(reauthorize=True)] * 3, recovery=rule)
    broken(worker.system, "reauthorize", error)
    assert await ended(worker, caplog) is State.FAILED
    assert dead(worker) == ["defect"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("where", [*BEFORE, "reauthorize"])
async def test_a_defect_that_passes_harms_nothing(
    where: str, rule: Recovery, caplog: pytest.LogCaptureFixture
) -> None:
    first = [retry(reauthorize=True)] * 2 if where == "reauthorize" else []
    worker = Worker(*first, ACCEPTED, recovery=rule)
    broken(worker.system, where, ValueError(SECRET), times=1 if where == "reauthorize" else 2)
    assert await ended(worker, caplog) is State.ACCEPTED
    assert dead(worker) == []


@pytest.mark.parametrize(
    "where", ["check", "prepare", "exchange unsent", "prepare_look_up", "identity", "recovery"]
)
@pytest.mark.parametrize("rule", [SAME, LOOK, HOLD])
async def test_what_was_in_doubt_is_held(
    where: str, rule: Recovery, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that died while it sent leaves a doubt that no defect of the next one takes away."""

    async def never(_: Prepared) -> Outcome:
        await asyncio.Event().wait()
        return ACCEPTED

    first = Worker(never, recovery=rule, runs=False)
    task = asyncio.create_task(first.process())
    await settle()
    assert first.system.sent
    first.journal.die()
    task.cancel()
    first.clock._runs = True  # from here on time passes by itself
    worker = Worker(*[ACCEPTED] * 3, recovery=rule, store=first.store, owner="worker-2")
    worker.system.look_ups = [ABSENT] * 3
    broken(worker.system, where, ValueError(SECRET))
    state = await ended(worker, caplog)
    if where in {"check", "prepare_look_up"} and rule is SAME:
        # What was sent has been checked; and nothing here is looked up.
        assert state is State.ACCEPTED
    elif rule is LOOK and where in {"check", "prepare", "exchange unsent"}:
        # The look-up shows that it did not arrive, which ends the doubt.
        assert state in {State.FAILED, State.ACCEPTED, State.HELD}
    else:
        assert state is State.HELD


@pytest.mark.parametrize("result", [None, "accepted", 5])
@pytest.mark.parametrize("where", ["identity", "prepare", "exchange", "interpret"])
async def test_a_result_that_no_port_promises_is_a_defect(
    where: str, result: object, caplog: pytest.LogCaptureFixture
) -> None:
    if where == "identity" and result == "accepted":
        return
    worker = Worker(*[ACCEPTED] * 3, recovery=REPEAT)

    async def waits(*_: object) -> object:
        return result

    setattr(worker.system, where, (lambda *_: result) if where in SYNC else waits)
    assert await ended(worker, caplog) is State.FAILED
    assert dead(worker) == ["defect"]


async def test_an_operation_that_the_system_does_not_have_is_a_defect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker()
    worker.system.operations = {}
    assert await ended(worker, caplog) is State.FAILED
    assert dead(worker) == ["defect"]


async def test_a_reason_that_nobody_knows_is_a_defect(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(*[DeliveryError("no-such-reason", "x", sent=False)] * 3)
    assert await ended(worker, caplog) is State.FAILED
    assert dead(worker) == ["defect"]


async def test_a_defect_opens_no_circuit_and_other_patients_go_on(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(*[ACCEPTED] * 3)
    broken(worker.system, "prepare", ValueError(SECRET))
    await ended(worker, caplog)
    assert worker.system.probes == 0


@pytest.mark.parametrize("error", [ValueError(SECRET), PanicException(SECRET)])
async def test_a_reply_that_cannot_be_written_is_held(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(Accepted({"bad": SECRET}))
    renderer: Any = worker.renderer
    real = renderer.final

    def final(taken: Any, context: Any, end: Any, at: Any) -> Any:
        if end.state is State.ACCEPTED:
            raise error
        return real(taken, context, end, at)

    renderer.final = final
    assert await ended(worker, caplog) is State.HELD
