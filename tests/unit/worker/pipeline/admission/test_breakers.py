"""Circuits at work: who waits, who makes the trial, and that nothing is given up meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import ACCEPTED, HOLD, POLICY, SAME, SUBMISSION, make_engine
from tests.support.fakes.ports import FakeClock, ScriptedSystem, settle, unsent
from worker.observability.logs import submission_context
from worker.outcome import Blocked, Outcome, Retry
from worker.pipeline.admission.admission import Admission
from worker.pipeline.admission.breaker import AGAIN, PATIENCE
from worker.pipeline.admission.breakers import CircuitBreakers, Permit
from worker.pipeline.admission.concurrency import ConcurrencyLimits
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.admission.rate_limit import RateLimits
from worker.pipeline.job import Job
from worker.pipeline.ports import Schedule, State, Ticket
from worker.pipeline.shutdown import Released, Shutdown
from worker.systems.port import Operation, Recovery

FAILURES, PAUSE = 2, 5.0
DOWN = Retry(Reason.UNAVAILABLE, "503")
NO_TOKEN = Retry(Reason.TOKEN_UNAVAILABLE, "no token")
TOO_MANY = Retry(Reason.TOO_MANY_REQUESTS, "429")


@dataclass
class Bench:
    """Circuit breakers whose time a test moves."""

    clock: FakeClock = field(default_factory=FakeClock)
    system: ScriptedSystem = field(default_factory=ScriptedSystem)
    changes: list[str | None] = field(default_factory=list)
    shutdown: Shutdown = field(default_factory=Shutdown)

    def __post_init__(self) -> None:
        policy = CircuitPolicy(
            failures=FAILURES, pause=PAUSE, longest_pause=20.0, probe_pause=1.0, probe_failures=3
        )
        self.breakers = CircuitBreakers(
            "nhis",
            policy,
            self.clock,
            self.system.probe,
            on_change=lambda: self.changes.append(self.breakers.open_reason),
        )

    def job(self, key: str, signer: str = "a", *, tries: int = 0, recovery: Recovery = SAME) -> Job:
        submission = replace(SUBMISSION, id=key, key=key.encode(), signer=signer)
        return Job(
            submission,
            Operation(SUBMISSION.system, SUBMISSION.operation, recovery),
            recovery,
            Ticket(submission.source, submission.id, 1),
            "identity",
            1,
            self.shutdown,
            Schedule(tries=tries),
        )

    async def exchange(self, key: str, outcome: Outcome, signer: str = "a") -> None:
        """Let one submission pass, which it must be able to at once."""
        async with asyncio.timeout(1):
            permit = await self.breakers.acquire(self.job(key, signer))
        permit.record(outcome)

    async def open(self, *signers: str) -> None:
        """Open circuits by failures of these signers."""
        for number, signer in enumerate(signers):
            await self.exchange(f"failing-{number}", DOWN, signer)
        await settle()

    async def probed(self) -> None:
        """Let a first probe succeed, so that later ones are believed; then let them fail."""
        self.breakers.start()
        await settle()
        self.system.down_reason = "nobody listens"

    def waits(self, *given: object, **more: object) -> asyncio.Task[Permit]:
        return asyncio.create_task(self.breakers.acquire(self.job(*given, **more)))  # type: ignore[arg-type]

    async def trial(self, pause: float = PAUSE) -> None:
        """Let time pass until a trial was chosen."""
        for seconds in (pause, 0.2):
            await settle()
            await self.clock.advance(seconds)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.breakers.close()


async def test_all_pass_while_nothing_is_wrong(bench: Bench) -> None:
    for key in "abc":
        await bench.exchange(key, ACCEPTED)
    assert bench.breakers.open_reason is None
    assert bench.changes == []


async def test_failures_of_two_signers_open_the_systems_circuit_and_one_trial_closes_it(
    bench: Bench,
) -> None:
    await bench.open("a", "b")
    assert bench.breakers.open_reason == "503"
    first, second = bench.waits("x", "a"), bench.waits("y", "c")
    await bench.clock.advance(PAUSE - 0.1)
    assert not first.done()
    assert not second.done()
    await bench.trial()

    assert [first.done(), second.done()] == [True, False]  # one at a time
    (await first).record(ACCEPTED)
    await settle()

    assert second.done()
    assert bench.breakers.open_reason is None
    assert bench.changes == ["503", None]


async def test_a_trial_that_fails_keeps_it_open(bench: Bench) -> None:
    await bench.open("a", "b")
    first, second, third = bench.waits("x", "c"), bench.waits("y", "d"), bench.waits("z", "e")
    await bench.trial()
    (await first).record(DOWN)
    await settle()
    assert bench.breakers.open_signers == {"c": "503"}  # it has to show that it is not the trouble itself
    await bench.clock.advance(PAUSE - 0.3)
    assert not second.done()
    await bench.trial(0.3)
    (await second).record(DOWN)
    await settle()
    await bench.clock.advance(1.5 * PAUSE - 0.3)
    assert not third.done()
    await bench.trial(0.3)
    assert third.done()


async def test_a_trial_is_made_whatever_the_probe_says(bench: Bench) -> None:
    """A root that answers 5xx for ever must not keep the circuit of a system that works open."""
    await bench.probed()
    await bench.open("a", "b")
    waiting = bench.waits("x", "c")
    await bench.clock.advance(PAUSE - 0.3)
    assert not waiting.done()
    await bench.trial(0.3)
    (await waiting).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_reason is None


async def test_a_probe_that_recovers_brings_the_trial_forward(bench: Bench) -> None:
    await bench.open("a", "b")
    for number, signer in enumerate("cdef"):
        waiting = bench.waits(f"x{number}", signer)
        await bench.trial(30)
        (await waiting).record(DOWN)
    bench.system.down_reason = "nobody listens"
    await bench.clock.advance(PAUSE + 1)
    waiting = bench.waits("y", "g")
    bench.system.down_reason = None
    await bench.trial(1.0)
    assert waiting.done()


async def test_what_must_never_be_sent_twice_makes_no_trial_while_a_probe_that_counts_fails(
    bench: Bench,
) -> None:
    await bench.probed()
    await bench.open("a", "b")
    waiting = bench.waits("x", "c", recovery=HOLD)
    for _ in range(60):
        await bench.clock.advance(1.0)
    assert not waiting.done()
    for _ in range(90):  # in any case after a bounded time
        await bench.clock.advance(1.0)
    (await waiting).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_reason is None


async def test_a_trial_without_an_end_lets_another_one_try(bench: Bench) -> None:
    await bench.open("a", "b")
    first, second = bench.waits("x", "c"), bench.waits("y", "d")
    await bench.trial()
    slow = await first
    await bench.clock.advance(PATIENCE - 0.3)
    assert not second.done()
    await bench.trial(0.3)
    (await second).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_reason is None
    slow.record(DOWN)
    assert bench.breakers.open_reason is None


async def test_what_must_never_be_sent_twice_makes_no_second_trial_beside_another(bench: Bench) -> None:
    await bench.open("a", "b")
    first, second = bench.waits("x", "c", recovery=HOLD), bench.waits("y", "d", recovery=HOLD)
    await bench.trial()
    slow = await first
    for _ in range(60):
        await bench.clock.advance(1.0)
    assert not second.done()
    slow.record(ACCEPTED)
    await second


async def test_a_late_failure_of_a_trial_counts_once_with_the_one_beside_it(bench: Bench) -> None:
    await bench.open("a", "b")
    first, second, third = bench.waits("x", "c"), bench.waits("y", "d"), bench.waits("z", "e")
    await bench.trial()
    slow = await first
    await bench.trial(PATIENCE)
    (await second).record(DOWN)
    await bench.clock.advance(PAUSE - 0.3)
    slow.record(DOWN)
    await settle()
    await bench.trial(0.3)
    assert third.done()


async def test_a_success_of_another_submission_brings_the_trial_forward(bench: Bench) -> None:
    early = await bench.breakers.acquire(bench.job("early", "z"))
    await bench.open("a", "b")
    for number, signer in enumerate("cdef"):
        waiting = bench.waits(f"x{number}", signer)
        await bench.trial(30)
        (await waiting).record(DOWN)
    await bench.clock.advance(PAUSE)
    waiting = bench.waits("y", "g")
    early.record(ACCEPTED)
    await bench.trial(0)
    (await waiting).record(DOWN)  # by chance: the pause is as short as the first one
    waiting = bench.waits("w", "h")
    await bench.trial(PAUSE)
    assert waiting.done()


async def test_the_lines_name_system_and_signer(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with submission_context(signer="of another line", submission_id="s-1"):
        await bench.open("a", "a")
        await bench.exchange("y", DOWN, "b")
    waiting = bench.waits("x", "d")
    await bench.trial()
    (await waiting).record(ACCEPTED)
    await settle()
    lines = [(one.message, one.system, getattr(one, "signer", None)) for one in caplog.records]
    assert lines[:2] == [
        ("circuit opened: requests are paused", "nhis", "a"),
        ("circuit opened: requests are paused", "nhis", None),
    ]
    assert ("circuit open: a trial is made for the system", "nhis", "d") in lines
    assert ("circuit closed", "nhis", None) in lines


async def test_submissions_that_waited_for_one_failed_request_are_one_failure(bench: Bench) -> None:
    for key in "pqrs":
        permit = await bench.breakers.acquire(bench.job(key))
        permit.record_unsent(NO_TOKEN, b"token request 1")
    assert bench.breakers.open_signers == {}
    (await bench.breakers.acquire(bench.job("t"))).record_unsent(NO_TOKEN, b"token request 2")
    assert bench.breakers.open_signers == {"a": "no token"}
    assert bench.breakers.open_reason is None


async def test_requests_in_vain_for_one_patient_of_each_signer_open_no_circuit(bench: Bench) -> None:
    breakers = CircuitBreakers("nhis", CircuitPolicy(failures=3), bench.clock, bench.system.probe)
    for number in range(20):
        for signer in "ab":
            permit = await breakers.acquire(bench.job(f"patient of {signer}", signer))
            permit.record_unsent(NO_TOKEN, f"token request {signer}{number}".encode())
    assert breakers.open_reason is None
    assert breakers.open_signers == {}


async def test_what_was_refused_without_asking_the_system_is_no_success_of_it(bench: Bench) -> None:
    await bench.probed()
    await bench.exchange("x", DOWN)
    (await bench.breakers.acquire(bench.job("y"))).record_unsent(Blocked(Reason.CONFIGURATION, "no"), None)
    await bench.exchange("z", DOWN)
    assert bench.breakers.open_signers == {"a": "503"}


async def test_one_signers_failures_keep_back_that_signer_alone(bench: Bench) -> None:
    await bench.open("a", "a")
    assert bench.breakers.open_reason is None
    assert bench.breakers.open_signers == {"a": "503"}
    waiting = bench.waits("x", "a")
    for key in "pqrs":
        await bench.exchange(key, ACCEPTED, "b")
    assert not waiting.done()
    await bench.trial()
    (await waiting).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_signers == {}


async def test_a_signers_failures_are_the_systems_where_probes_fail_several_times(bench: Bench) -> None:
    await bench.probed()
    await bench.open("a", "a")
    for _ in range(2):
        assert bench.breakers.open_reason is None
        await bench.clock.advance(1.0)
    assert bench.breakers.open_reason == "nobody listens"
    assert bench.changes == ["nobody listens"]


async def test_a_probe_that_never_succeeded_stops_no_other_signer(bench: Bench) -> None:
    bench.system.down_reason = "503"
    bench.breakers.start()
    await bench.open("a", "a")
    for _ in range(200):
        await bench.clock.advance(1.0)
        assert bench.breakers.open_reason is None
    await bench.exchange("y", ACCEPTED, "b")


async def test_successes_of_others_overrule_probes(bench: Bench) -> None:
    await bench.probed()
    await bench.open("a", "a")
    broken = asyncio.create_task(_broken(bench, "x", "a"))
    for number in range(100):
        await bench.exchange(f"b{number}", ACCEPTED, "b")
        await bench.clock.advance(1.0)
    broken.cancel()
    assert bench.breakers.open_reason is None
    assert bench.breakers.probe_failing == "nobody listens"


async def test_a_success_closes_at_once_what_probes_have_opened(bench: Bench) -> None:
    early = await bench.breakers.acquire(bench.job("early", "b"))
    await bench.probed()
    await bench.open("a", "a")
    for _ in range(2):
        await bench.clock.advance(1.0)
    waiting = bench.waits("later", "b")
    await settle()
    assert (bench.breakers.open_reason, waiting.done()) == ("nobody listens", False)
    early.record(ACCEPTED)
    await settle()
    assert (bench.breakers.open_reason, waiting.done()) == (None, True)
    for _ in range(200):  # these probes say nothing any more
        await bench.clock.advance(1.0)
        assert bench.breakers.open_reason is None


async def test_a_signers_trial_that_fails_stops_no_other_signer(bench: Bench) -> None:
    """Also where the system's circuit is closed on probation."""
    await bench.open("a", "a")
    await bench.exchange("z", DOWN, "b")
    assert bench.breakers.open_reason == "503"
    await bench.trial()  # nobody is there to make it
    for number in range(20):
        waiting = bench.waits(f"x{number}", "a")
        await bench.trial(30)
        (await waiting).record(DOWN)
        await settle()
        assert bench.breakers.open_signers == {"a": "503"}
        assert bench.breakers.open_reason is None


@pytest.mark.parametrize(
    ("trial", "outcome", "system_open", "signer_open"),
    [
        ("none", DOWN, False, False),
        ("none", ACCEPTED, False, False),
        ("none", TOO_MANY, False, False),
        ("signer", DOWN, False, True),
        ("signer", ACCEPTED, False, False),
        ("signer", TOO_MANY, False, True),
        ("system", DOWN, True, True),
        ("system", ACCEPTED, False, False),
        ("system", TOO_MANY, True, False),
        ("both", DOWN, True, True),
        ("both", ACCEPTED, False, False),
        ("both", TOO_MANY, True, True),
    ],
)
async def test_what_one_exchange_does_to_either_circuit(
    bench: Bench, trial: str, outcome: Outcome, system_open: bool, signer_open: bool
) -> None:
    """The table of `worker.pipeline.admission.breakers`, for a signer "s"."""
    if trial in {"signer", "both"}:
        await bench.open("s", "s")
    if trial == "system":
        await bench.open("b", "c")
    if trial == "both":  # the signer's trial stands before the system's breaker when that wants one
        await bench.clock.advance(PAUSE / 2)
        await bench.exchange("z", DOWN, "b")
    waiting = bench.waits("x", "s")
    for _ in range(0 if trial == "none" else 2):
        await bench.trial(PAUSE / 2)
    (await waiting).record(outcome)
    await settle()
    assert (bench.breakers.open_reason is not None) is system_open
    assert ("s" in bench.breakers.open_signers) is signer_open


async def test_no_probe_is_made_while_all_is_well(bench: Bench) -> None:
    bench.breakers.start()
    for _ in range(100):
        await bench.clock.advance(1.0)
    assert bench.system.probes == 1


async def test_a_probe_that_fails_at_the_start_keeps_nothing_back_and_is_reported(bench: Bench) -> None:
    bench.system.down_reason = "503"
    bench.breakers.start()
    await settle()
    assert bench.breakers.probe_failing == "503"
    await bench.exchange("x", ACCEPTED)
    assert bench.breakers.probe_failing is None


@pytest.mark.parametrize("defect", [ZeroDivisionError, BaseExceptionGroup("", [GeneratorExit()]), SystemExit])
async def test_a_probe_with_a_defect_is_one_that_failed(
    defect: BaseException | type[BaseException], bench: Bench
) -> None:
    async def broken() -> str | None:
        raise defect

    breakers = CircuitBreakers("nhis", CircuitPolicy(), bench.clock, broken)
    breakers.start()
    await settle()
    assert breakers.probe_failing in {"ZeroDivisionError", "BaseExceptionGroup", "SystemExit"}
    await breakers.close()


async def test_who_was_tried_least_makes_the_trial(bench: Bench) -> None:
    await bench.open("a", "b")
    often, rarely = bench.waits("x", tries=7), bench.waits("y", tries=1)
    await bench.trial()
    assert [often.done(), rarely.done()] == [False, True]
    (await rarely).record(ACCEPTED)
    await often


async def test_what_may_never_be_sent_again_makes_no_trial_where_others_wait(
    bench: Bench,
) -> None:
    await bench.open("a", "b")
    hold, other = bench.waits("x", recovery=HOLD), bench.waits("y", tries=9)
    await bench.trial()
    assert [hold.done(), other.done()] == [False, True]
    (await other).record(ACCEPTED)
    await hold


async def test_where_nobody_can_make_the_trial_the_next_failure_opens_it_again(
    bench: Bench,
) -> None:
    await bench.open("a", "b")
    await bench.trial()
    assert bench.breakers.open_reason is None
    await bench.exchange("z", DOWN, "c")
    assert bench.breakers.open_reason == "503"


async def test_where_only_such_wait_one_is_risked_rather_than_all(bench: Bench) -> None:
    await bench.open("a", "b")
    waiting = [bench.waits(f"k{n}", "a", recovery=HOLD) for n in range(20)]
    await bench.trial()
    assert sum(one.done() for one in waiting) == 1
    bench.shutdown.drain()
    await asyncio.gather(*waiting, return_exceptions=True)


async def _broken(bench: Bench, key: str, signer: str) -> None:
    """Fail whenever it may go, for ever."""
    while True:
        (await bench.breakers.acquire(bench.job(key, signer))).record(DOWN)
        await bench.clock.sleep(1.0)


async def _resumes(bench: Bench, *broken: tuple[str, str]) -> bool:
    """Whether the system's circuit closes while these go on failing."""
    tasks = [asyncio.create_task(_broken(bench, *one)) for one in broken]
    resumed = False
    for _ in range(600):
        await bench.clock.advance(1.0)
        resumed = resumed or bench.breakers.open_reason is None
    for task in tasks:
        task.cancel()
    return resumed


async def test_one_ill_signer_does_not_keep_the_systems_circuit_open(bench: Bench) -> None:
    await bench.probed()
    await bench.open("a", "a")
    for _ in range(2):
        await bench.clock.advance(1.0)
    assert bench.breakers.open_reason is not None
    bench.system.down_reason = None
    assert await _resumes(bench, ("x", "a"), ("y", "a"))


async def test_two_ill_signers_do_not_keep_the_systems_circuit_open(bench: Bench) -> None:
    await bench.open("a", "b")
    assert await _resumes(bench, ("x", "a"), ("y", "b"))


async def test_the_rate_holds_after_slow_answers_too(bench: Bench) -> None:
    admission = Admission(bench.breakers, RateLimits(20.0, None), ConcurrencyLimits(20, 20))
    left: list[float] = []

    async def admit(key: str, work: float) -> None:
        async with admission.one(bench.job(key)) as permit:
            left.append(time.monotonic())
            await asyncio.sleep(work)
            permit.record(ACCEPTED)

    async with asyncio.TaskGroup() as group:
        for n in range(20):
            group.create_task(admit(f"slow{n}", 1.5))
        await asyncio.sleep(0.05)
        for n in range(40):
            group.create_task(admit(f"k{n}", 0.0))
    after = left[20:]
    # The bucket may be full again by then: a second's requests, and what half a second adds.
    assert max(sum(start <= at < start + 0.5 for at in after) for start in after) <= 20 + 10 + 1


async def test_a_trial_of_which_nothing_came_lets_the_next_one_try(bench: Bench) -> None:
    await bench.open("a", "b")
    first, second = bench.waits("x"), bench.waits("y")
    await bench.trial()
    (await first).release()
    await bench.trial(AGAIN)
    await bench.trial(0)
    assert second.done()
    (await second).record(TOO_MANY)  # says nothing either
    third = bench.waits("z")
    await bench.trial(AGAIN)
    await bench.trial(0)
    assert third.done()


async def test_a_worker_that_shuts_down_releases_what_waits(bench: Bench) -> None:
    await bench.open("a", "b")
    waiting = bench.waits("x")
    await settle()
    bench.shutdown.drain()
    with pytest.raises(Released):
        await waiting


async def test_who_waits_for_a_place_when_it_opens_waits_anew(bench: Bench) -> None:
    permit = await bench.breakers.acquire(bench.job("x"))
    assert not permit.barred
    await bench.open("a", "b")
    assert permit.barred


async def test_nothing_is_given_up_while_a_circuit_is_open() -> None:
    one = make_engine(SAME, *[unsent()] * 3, ACCEPTED)
    one.policy = replace(POLICY, give_up_after=0.5)  # shorter than the first wait
    one.delivery._breakers._policy = CircuitPolicy(failures=1, pause=1.0)
    end = await one.run()
    await one.delivery._breakers.close()
    assert end.state is State.ACCEPTED
    assert len(one.system.sent) == 4


async def test_a_signers_trial_that_is_released_before_the_systems_breaker_gives_its_turn_back(
    bench: Bench,
) -> None:
    await bench.open("a", "a")
    await bench.clock.advance(PAUSE / 2)
    await bench.exchange("z", DOWN, "b")  # the system's circuit opens too, and its trial is later
    waiting = bench.waits("x", "a")
    await bench.trial(PAUSE / 2)  # it is the signer's trial, and stands before the system's breaker
    assert not waiting.done()
    bench.shutdown.drain()
    with pytest.raises(Released):
        await waiting
    bench.shutdown = Shutdown()
    other = bench.waits("y", "a")
    for _ in range(6):
        await bench.trial(2 * PAUSE)
    (await other).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_signers == {}
    assert bench.breakers.open_reason is None


async def test_who_rests_between_two_attempts_comes_to_the_trial(bench: Bench) -> None:
    await bench.open("a", "b")
    heard = [asyncio.create_task(bench.breakers.wakeup(signer).wait()) for signer in "ab"]
    await settle()
    assert not any(one.done() for one in heard)
    await bench.clock.advance(PAUSE)
    assert all(one.done() for one in heard)


async def test_an_outage_uses_up_none_of_the_time_for_retries() -> None:
    one = make_engine(SAME, *[unsent()] * 40, TOO_MANY, ACCEPTED)
    one.delivery._breakers._policy = CircuitPolicy(failures=1, pause=1.0)
    end = await one.run()
    await one.delivery._breakers.close()
    assert end.state is State.ACCEPTED


async def test_a_rest_that_was_cut_short_counts_for_what_it_was() -> None:
    one = make_engine(SAME, runs=False)
    job = await one.claim()
    job.schedule, job.counted = Schedule(tries=5, spent=160.0), 60.0
    rest = asyncio.create_task(one.delivery._rest(60.0, job, may_wake=True))
    await settle()
    one.delivery._breakers.wakeup(SUBMISSION.signer).notify()
    await rest
    assert job.schedule.spent + job.worked == pytest.approx(100.0)


async def test_what_the_system_asked_for_is_waited_out_whatever_a_circuit_wants() -> None:
    one = make_engine(SAME, Retry(Reason.TOO_MANY_REQUESTS, "429", delay=100.0), ACCEPTED, runs=False)
    running = asyncio.create_task(one.run())
    await settle()
    one.delivery._breakers.wakeup(SUBMISSION.signer).notify()
    await one.clock.advance(99.0)
    assert len(one.system.sent) == 1
    await one.clock.advance(1.5)
    assert (await running).state is State.ACCEPTED
