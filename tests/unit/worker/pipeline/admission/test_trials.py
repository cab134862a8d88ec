"""Trials of open circuits: who makes one, when, and what its end means."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.breakers import DOWN, PAUSE, TOO_MANY, Bench, keep_failing
from tests.support.fakes.one_delivery import ACCEPTED, HOLD
from tests.support.fakes.ports import settle
from worker.pipeline.admission.breaker import AGAIN, PATIENCE
from worker.pipeline.shutdown import Released, Shutdown


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


async def _resumes(bench: Bench, *broken: tuple[str, str]) -> bool:
    """Whether the system's circuit closes while these go on failing."""
    tasks = [asyncio.create_task(keep_failing(bench, *one)) for one in broken]
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
