"""The flood guard of a system: when every worker's submissions wait, for how long, and how they resume."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.flood import (
    POLICY,
    SYSTEM_SIDE,
    A,
    Workers,
)
from tests.support.fakes.ports import NOON, settle
from worker.pipeline.flood.causes import THE_SYSTEM
from worker.pipeline.flood.counting import Flood
from worker.pipeline.flood.guard import LOOK
from worker.pipeline.ports import Stop
from worker.pipeline.shutdown import Released


async def test_the_worker_that_sees_the_flood_stops_at_once(workers: Workers) -> None:
    guard = workers.guards[0]
    for _ in range(3):
        guard.dies(SYSTEM_SIDE, A)
    waiting = workers.comes(guard)
    await settle()
    assert not waiting.done()
    assert workers.changes == [(guard, False)]
    assert "3 of the last 3" in (guard.stop_reason or "")
    waiting.cancel()


async def test_all_workers_stop_and_all_resume_when_the_stop_is_lifted(workers: Workers) -> None:
    await workers.flood()
    waiting = [workers.comes(guard) for guard in workers.guards]
    await settle()
    assert [one.done() for one in waiting] == [False, False]
    workers.stops.rows.clear()  # `herald intake resume`
    await workers.clock.advance(LOOK)
    assert [one.done() for one in waiting] == [True, True]
    assert [guard.stop_reason for guard in workers.guards] == [None, None]


async def test_a_worker_that_starts_in_a_stop_takes_nothing(workers: Workers) -> None:
    await workers.flood()
    late = workers._guard()
    await late.look()
    assert late.stop_reason is not None
    assert not late.takes


async def test_after_its_time_one_submission_is_tried_and_its_success_resumes_intake(
    workers: Workers,
) -> None:
    await workers.flood()
    waiting = [workers.comes(guard) for guard in workers.guards for _ in range(2)]
    await workers.clock.advance(POLICY.probe_after)
    assert workers.passed == 1
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert all(one.done() for one in waiting)


async def test_a_probe_that_dies_keeps_intake_stopped(workers: Workers) -> None:
    await workers.flood()
    waiting = [workers.comes(guard, ends="dead") for guard in workers.guards for _ in range(2)]
    await workers.clock.advance(POLICY.probe_after)
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert workers.passed == 1
    assert workers.stops.rows
    workers.shutdown.drain()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_probe_of_which_nothing_came_gives_way_to_the_next_at_once(workers: Workers) -> None:
    await workers.flood()
    guard = workers.guards[0]
    workers.without_partitions.append(workers.guards[1])
    waiting = [workers.comes(guard, ends="answered before") for _ in range(20)]
    waiting.append(workers.comes(guard))
    await workers.clock.advance(POLICY.probe_after)
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert all(one.done() for one in waiting)
    assert not workers.stops.rows


async def test_the_end_of_another_says_nothing_while_the_probe_is_out(workers: Workers) -> None:
    await workers.flood()
    guard = workers.guards[0]
    out = asyncio.Event()

    async def slow_probe() -> None:
        await guard.wait(workers.shutdown)
        await out.wait()
        guard.dies(SYSTEM_SIDE, A)
        guard.done()

    workers.without_partitions.append(workers.guards[1])
    probe = asyncio.create_task(slow_probe())
    await workers.clock.advance(POLICY.probe_after)
    guard.ends_well(A)  # it was in work before the flood
    await workers.clock.advance(LOOK)
    assert workers.stops.rows
    out.set()
    await probe
    await workers.clock.advance(LOOK)
    assert workers.stops.rows


async def test_what_was_in_work_already_is_no_probe(workers: Workers) -> None:
    await workers.flood()
    workers.guards[1].ends_well(A)
    await workers.clock.advance(LOOK)
    assert workers.stops.rows


async def test_while_the_journal_is_unavailable_everything_stays_as_it_is(workers: Workers) -> None:
    await workers.flood()
    workers.stops.unavailable = True
    await workers.clock.advance(LOOK)
    assert workers.guards[1].stop_reason is not None
    workers.stops.unavailable = False
    workers.stops.rows.clear()
    await workers.clock.advance(LOOK)
    assert workers.guards[1].stop_reason is None


async def test_a_worker_that_shuts_down_releases_what_waits(workers: Workers) -> None:
    await workers.flood()
    waiting = workers.comes(workers.guards[0])
    await settle()
    workers.shutdown.drain()
    with pytest.raises(Released):
        await waiting


async def test_another_stop_is_not_lifted_by_an_old_probe(workers: Workers) -> None:
    await workers.stops.stop("nhis", THE_SYSTEM, Flood("new", {}), 30)
    await workers.stops.lift("nhis", Stop(NOON.replace(year=2020), "old"))
    assert workers.stops.rows
