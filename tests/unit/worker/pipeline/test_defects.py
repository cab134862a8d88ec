"""An exception of any kind in any method of a system: it is tried a few times, told, and ends; the patient goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    ABSENT,
    ACCEPTED,
    EXISTS,
    HOLD,
    LOOK,
    REPEAT,
    RULES,
    SAME,
    SUBMISSION,
)
from tests.support.fakes.one_worker import Worker, record
from tests.support.fakes.ports import NOON, ScriptedSystem, retry, settle, unknown
from worker.outcome import Accepted, Outcome
from worker.pipeline import reading
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.flood.causes import Sender
from worker.pipeline.ports import State
from worker.pipeline.reading import Reader
from worker.systems.port import Attempt, NotPrepared, Prepared, Recovery
from worker.transport.port import DeliveryError

SECRET = "Иванов 8001010000"


class PanicException(BaseException):
    """As a library in Rust raises it: no Exception."""


EXCEPTIONS = [
    ValueError(SECRET),
    KeyError(SECRET),
    RecursionError(SECRET),
    AssertionError(SECRET),
    UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    ExceptionGroup(SECRET, [OSError(SECRET)]),
    NotPrepared(unknown()),
    asyncio.CancelledError(SECRET),
    PanicException(SECRET),
    GeneratorExit(SECRET),
    SystemExit(SECRET),
    BaseExceptionGroup(SECRET, [PanicException(SECRET)]),
]
SYNC = {"identity", "recovery", "interpret", "settle"}
BEFORE = ["identity", "recovery", "check", "prepare", "exchange unsent"]


def broken(system: ScriptedSystem, where: str, error: BaseException, times: int = 1000) -> None:
    """Let a method fail so many times; `exchange sent` fails when its first byte has left."""
    method = where.partition(" ")[0]
    real: Callable[..., Any] = getattr(system, method)
    left = [times]

    def fails() -> bool:
        left[0] -= 1
        return left[0] >= 0

    def sync(*args: Any) -> Any:
        if fails():
            raise error
        return real(*args)

    async def waits(*args: Any) -> Any:
        if fails():
            if where == "exchange sent":
                args[1].begin()
                system.log.append("sent submit")
                system.sent.append(args[0])
            raise error
        return await real(*args)

    setattr(system, method, sync if method in SYNC else waits)


def told(worker: Worker) -> str:
    """Return the last reply."""
    return (worker.replies.events[-1].value or b"").decode()


def dead(worker: Worker) -> list[str]:
    return [
        dict(event.headers)["reason"].decode()
        for event in worker.replies.events
        if event.topic == "dead-letters"
    ]


async def ended(worker: Worker, caplog: pytest.LogCaptureFixture) -> State:
    """Process one record to its end, and look whether anything of an exception's text came out anywhere."""
    caplog.set_level(logging.DEBUG)
    await asyncio.wait_for(worker.process(), 10)
    kept = repr(worker.store.entries) + repr(worker.replies.events)
    shown = "".join(repr(vars(line)) + caplog.handler.format(line) for line in caplog.records)
    assert SECRET not in kept + shown
    assert "8001010000" not in kept + shown
    return worker.store.entries[(SUBMISSION.source, SUBMISSION.id)].state


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
    renderer: Any = worker.engine._renderer
    real = renderer.final

    def final(taken: Any, context: Any, end: Any, at: Any) -> Any:
        if end.state is State.ACCEPTED:
            raise error
        return real(taken, context, end, at)

    renderer.final = final
    assert await ended(worker, caplog) is State.HELD


@pytest.mark.parametrize("error", [ValueError(SECRET), PanicException(SECRET)])
def test_a_record_that_a_defect_keeps_from_being_read_is_invalid(error: BaseException) -> None:
    def fails(_: str) -> bool:
        raise error

    reader = Reader("nhis", knows_signer=fails, today=lambda: None, max_event_bytes=1000)  # type: ignore[arg-type,return-value]
    read = reader.read(named_record())
    assert (read.reason, read.submission and read.submission.id) == (Reason.DEFECT, "1")  # type: ignore[union-attr]
    assert SECRET not in repr(read)


def named_record() -> Any:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "1",
        "ce_source": "https://his.example",
        "ce_type": "nhis.immunization.search.v1",
        "ce_signer": "one",
        "content-type": "application/json",
    }
    taken = record()
    return type(taken)(
        taken.topic, 0, 0, 0, b"key", b"{}", tuple((name, value.encode()) for name, value in headers.items())
    )


@pytest.mark.parametrize("place", ["decode", "peek"])
def test_a_panic_of_a_decoder_stops_its_record_alone(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def panics(*_: object, **__: object) -> None:
        raise PanicException(SECRET)

    monkeypatch.setattr(reading, place, panics)
    reader = Reader("nhis", knows_signer=bool, today=lambda: None, max_event_bytes=1000)  # type: ignore[arg-type,return-value]
    if place == "peek":
        assert reader.sender(named_record()) == Sender()
    else:
        assert reader.read(named_record()).reason is Reason.DEFECT  # type: ignore[union-attr]


async def test_a_key_press_that_ends_the_process_is_no_defect() -> None:
    worker = Worker()
    broken(worker.system, "check", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await ContainedSystem(worker.system).check(SUBMISSION)


async def test_work_that_is_closed_from_outside_ends_and_is_no_defect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As the interpreter does it to what never ended: going on would be an error of its own."""
    worker = Worker()

    async def waits(*_: object) -> None:
        await asyncio.Event().wait()

    worker.system.prepare = waits  # type: ignore[method-assign,assignment]
    attempt = Attempt(1, "message", NOON, "identity")
    work = ContainedSystem(worker.system).prepare(SUBMISSION, attempt)

    async def begin() -> None:
        work.send(None)

    await asyncio.create_task(begin())
    work.close()
    assert caplog.records == []
