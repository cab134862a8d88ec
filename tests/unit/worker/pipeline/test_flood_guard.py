"""The flood counter: when intake stops, for whom, and how it resumes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.ports import NOON, FakeClock, settle
from worker.pipeline.flood_guard import LOOK, FloodCounter, FloodGuard, FloodPolicy
from worker.pipeline.ports import Away, Stop
from worker.pipeline.shutdown import Released, Shutdown

POLICY = FloodPolicy(share=0.5, at_least=3, window=10.0, probe_after=30.0)


class Stops:
    """The journal's row, shared by workers; its probes by the tests' clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.row: Stop | None = None
        self.probe_at = 0.0
        self.away = False

    async def in_force(self, system: str) -> Stop | None:
        if self.away:
            raise Away
        return self.row

    async def stop(self, system: str, why: str, probe_after: float) -> None:
        if self.row is None:
            self.row = Stop(self.clock.now(), why)
            self.probe_at = self.clock.monotonic() + probe_after

    async def take_probe(self, system: str, again_after: float) -> bool:
        due = self.row is not None and self.clock.monotonic() >= self.probe_at
        if due:
            self.probe_at = self.clock.monotonic() + again_after
        return due

    async def lift(self, system: str, stop: Stop) -> None:
        if self.row == stop:
            self.row = None


@pytest.mark.parametrize(
    ("ends", "flooded"),
    [
        ("", False),
        ("dd", False),  # too few
        ("ddd", True),
        ("dddooo", False),  # half, and not more
        ("dddoo", True),
        ("oooooddd", False),
        ("oooooddddddd", True),
    ],
)
def test_a_share_of_dead_letters_is_too_much(ends: str, flooded: bool) -> None:
    counter = FloodCounter(POLICY, lambda: 0.0)
    for end in ends:
        counter.record(dead=end == "d")
    assert (counter.flooded is not None) is flooded


def test_what_is_older_than_the_window_does_not_count() -> None:
    now = [0.0]
    counter = FloodCounter(POLICY, lambda: now[0])
    for at in (0.0, 1.0, 11.0):
        now[0] = at
        counter.record(dead=True)
    assert counter.flooded is None
    now[0] = 11.5
    counter.record(dead=True)
    assert counter.flooded is None  # 1.0 is out as well
    counter.record(dead=True)
    assert counter.flooded == "3 of the last 3 submissions became dead letters within 10 s"


class Workers:
    """Two workers of one system, on one journal."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stops = Stops(self.clock)
        self.without_partitions: list[FloodGuard] = []
        """Workers that have nothing to try."""
        self.changes: list[tuple[FloodGuard, bool]] = []
        """Which worker's counter told of a change, and whether it takes records since."""
        self.guards = [self._guard(), self._guard()]
        self.shutdown = Shutdown()
        self.tasks = [asyncio.create_task(guard.run()) for guard in self.guards]
        self.passed = 0

    def _guard(self) -> FloodGuard:
        guard = FloodGuard(
            "nhis",
            FloodCounter(POLICY, self.clock.monotonic),
            self.stops,
            self.clock,
            on_change=lambda: self.changes.append((guard, guard.takes)),
            can_probe=lambda: guard not in self.without_partitions,
        )
        return guard

    async def flood(self) -> None:
        for _ in range(3):
            self.guards[0].record(dead=True)
        await self.clock.advance(LOOK)
        await self.clock.advance(LOOK)

    def comes(self, guard: FloodGuard, *, ends: str = "well") -> asyncio.Task[None]:
        """Let a record come, and end as the engine lets it end once it has passed."""

        async def process() -> None:
            await guard.wait(self.shutdown)
            self.passed += 1
            try:
                if ends != "answered before":
                    guard.record(dead=ends == "dead")
            finally:
                guard.done()

        return asyncio.create_task(process())


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers()
    await settle()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def test_the_worker_that_sees_the_flood_stops_at_once(workers: Workers) -> None:
    guard = workers.guards[0]
    for _ in range(3):
        guard.record(dead=True)
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
    workers.stops.row = None  # `herald intake resume`
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
    assert workers.stops.row is not None
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
    assert workers.stops.row is None


async def test_the_end_of_another_says_nothing_while_the_probe_is_out(workers: Workers) -> None:
    await workers.flood()
    guard = workers.guards[0]
    out = asyncio.Event()

    async def slow_probe() -> None:
        await guard.wait(workers.shutdown)
        await out.wait()
        guard.record(dead=True)
        guard.done()

    workers.without_partitions.append(workers.guards[1])
    probe = asyncio.create_task(slow_probe())
    await workers.clock.advance(POLICY.probe_after)
    guard.record(dead=False)  # it was in work before the flood
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None
    out.set()
    await probe
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None


async def test_what_was_in_work_already_is_no_probe(workers: Workers) -> None:
    await workers.flood()
    workers.guards[1].record(dead=False)
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None


async def test_while_the_journal_is_away_everything_stays_as_it_is(workers: Workers) -> None:
    await workers.flood()
    workers.stops.away = True
    await workers.clock.advance(LOOK)
    assert workers.guards[1].stop_reason is not None
    workers.stops.away, workers.stops.row = False, None
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
    await workers.stops.stop("nhis", "new", 30)
    await workers.stops.lift("nhis", Stop(NOON.replace(year=2020), "old"))
    assert workers.stops.row is not None
