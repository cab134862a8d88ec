"""Waiting before an exchange: who waits anew, what a shutdown releases, and that nothing is given up meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from contracts.reasons import Reason
from tests.support.fakes.breakers import PAUSE, TOO_MANY, Bench
from tests.support.fakes.one_delivery import ACCEPTED, POLICY, SAME, SUBMISSION, make_engine
from tests.support.fakes.ports import settle, unsent
from worker.outcome import Retry
from worker.pipeline.admission.admission import Admission
from worker.pipeline.admission.concurrency import ConcurrencyLimits
from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.admission.rate_limit import RateLimits
from worker.pipeline.ports import Schedule, State
from worker.pipeline.shutdown import Released


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


@pytest.mark.parametrize("rates", [(1.0, None), (None, 1.0)], ids=["of all", "of each signer"])
async def test_an_exchange_waits_for_its_turn_by_either_rate(
    bench: Bench, rates: tuple[float | None, float | None]
) -> None:
    admission = Admission(bench.breakers, RateLimits(*rates), ConcurrencyLimits(20, 20))

    async def admit(key: str) -> None:
        async with admission.one(bench.job(key)):
            pass

    await admit("first")
    second = asyncio.create_task(admit("second"))
    await settle()
    assert not second.done()
    bench.shutdown.drain()
    with pytest.raises(Released):
        await second


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
