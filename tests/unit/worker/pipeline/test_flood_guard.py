"""The flood guard: when intake stops, for whom, and how it resumes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.ports import NOON, FakeClock, settle
from worker.pipeline.flood import FloodGuard, FloodPolicy
from worker.pipeline.flood_guard import LOOK, Away, FloodGate, Stop
from worker.pipeline.shutdown import HandedBack, Leaving

POLICY = FloodPolicy(share=0.5, at_least=3, window=10.0, probe_after=30.0)


class Stops:
    """The journal's row, shared by workers; its probes by the tests' clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.row: Stop | None = None
        self.probe_at = 0.0
        self.away = False

    async def standing(self, system: str) -> Stop | None:
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
    guard = FloodGuard(POLICY, lambda: 0.0)
    for end in ends:
        guard.saw(dead=end == "d")
    assert (guard.flooded is not None) is flooded


def test_what_is_older_than_the_window_does_not_count() -> None:
    now = [0.0]
    guard = FloodGuard(POLICY, lambda: now[0])
    for at in (0.0, 1.0, 11.0):
        now[0] = at
        guard.saw(dead=True)
    assert guard.flooded is None
    now[0] = 11.5
    guard.saw(dead=True)
    assert guard.flooded is None  # 1.0 is out as well
    guard.saw(dead=True)
    assert guard.flooded == "3 of the last 3 submissions became dead letters within 10 s"


class Workers:
    """Two workers of one system, on one journal."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stops = Stops(self.clock)
        self.without_partitions: list[FloodGate] = []
        """Workers that have nothing to try."""
        self.changes: list[tuple[FloodGate, bool]] = []
        """Which worker's guard told of a change, and whether it takes records since."""
        self.gates = [self._gate(), self._gate()]
        self.leaving = Leaving()
        self.tasks = [asyncio.create_task(gate.run()) for gate in self.gates]
        self.passed = 0

    def _gate(self) -> FloodGate:
        gate = FloodGate(
            "nhis",
            FloodGuard(POLICY, self.clock.monotonic),
            self.stops,
            self.clock,
            on_change=lambda: self.changes.append((gate, gate.takes)),
            can_probe=lambda: gate not in self.without_partitions,
        )
        return gate

    async def flood(self) -> None:
        for _ in range(3):
            self.gates[0].saw(dead=True)
        await self.clock.advance(LOOK)
        await self.clock.advance(LOOK)

    def comes(self, gate: FloodGate, *, ends: str = "well") -> asyncio.Task[None]:
        """Let a record come, and end as the engine lets it end once it has passed."""

        async def process() -> None:
            await gate.passed(self.leaving)
            self.passed += 1
            try:
                if ends != "answered before":
                    gate.saw(dead=ends == "dead")
            finally:
                gate.left()

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
    gate = workers.gates[0]
    for _ in range(3):
        gate.saw(dead=True)
    waiting = workers.comes(gate)
    await settle()
    assert not waiting.done()
    assert workers.changes == [(gate, False)]
    assert "3 of the last 3" in (gate.standing or "")
    waiting.cancel()


async def test_all_workers_stop_and_all_resume_when_the_stop_is_lifted(workers: Workers) -> None:
    await workers.flood()
    waiting = [workers.comes(gate) for gate in workers.gates]
    await settle()
    assert [one.done() for one in waiting] == [False, False]
    workers.stops.row = None  # `herald intake resume`
    await workers.clock.advance(LOOK)
    assert [one.done() for one in waiting] == [True, True]
    assert [gate.standing for gate in workers.gates] == [None, None]


async def test_a_worker_that_starts_in_a_stop_takes_nothing(workers: Workers) -> None:
    await workers.flood()
    late = workers._gate()
    await late.look()
    assert late.standing is not None
    assert not late.takes


async def test_after_its_time_one_submission_is_tried_and_its_success_resumes_intake(
    workers: Workers,
) -> None:
    await workers.flood()
    waiting = [workers.comes(gate) for gate in workers.gates for _ in range(2)]
    await workers.clock.advance(POLICY.probe_after)
    assert workers.passed == 1
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert all(one.done() for one in waiting)


async def test_a_probe_that_dies_keeps_intake_stopped(workers: Workers) -> None:
    await workers.flood()
    waiting = [workers.comes(gate, ends="dead") for gate in workers.gates for _ in range(2)]
    await workers.clock.advance(POLICY.probe_after)
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert workers.passed == 1
    assert workers.stops.row is not None
    workers.leaving.leave()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_probe_of_which_nothing_came_gives_way_to_the_next_at_once(workers: Workers) -> None:
    await workers.flood()
    gate = workers.gates[0]
    workers.without_partitions.append(workers.gates[1])
    waiting = [workers.comes(gate, ends="answered before") for _ in range(20)]
    waiting.append(workers.comes(gate))
    await workers.clock.advance(POLICY.probe_after)
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    assert all(one.done() for one in waiting)
    assert workers.stops.row is None


async def test_the_end_of_another_says_nothing_while_the_probe_is_out(workers: Workers) -> None:
    await workers.flood()
    gate = workers.gates[0]
    out = asyncio.Event()

    async def slow_probe() -> None:
        await gate.passed(workers.leaving)
        await out.wait()
        gate.saw(dead=True)
        gate.left()

    workers.without_partitions.append(workers.gates[1])
    probe = asyncio.create_task(slow_probe())
    await workers.clock.advance(POLICY.probe_after)
    gate.saw(dead=False)  # it was in work before the flood
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None
    out.set()
    await probe
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None


async def test_what_was_in_work_already_is_no_probe(workers: Workers) -> None:
    await workers.flood()
    workers.gates[1].saw(dead=False)
    await workers.clock.advance(LOOK)
    assert workers.stops.row is not None


async def test_while_the_journal_is_away_everything_stays_as_it_is(workers: Workers) -> None:
    await workers.flood()
    workers.stops.away = True
    await workers.clock.advance(LOOK)
    assert workers.gates[1].standing is not None
    workers.stops.away, workers.stops.row = False, None
    await workers.clock.advance(LOOK)
    assert workers.gates[1].standing is None


async def test_a_worker_that_leaves_hands_back_what_waits(workers: Workers) -> None:
    await workers.flood()
    waiting = workers.comes(workers.gates[0])
    await settle()
    workers.leaving.leave()
    with pytest.raises(HandedBack):
        await waiting


async def test_another_stop_is_not_lifted_by_an_old_probe(workers: Workers) -> None:
    await workers.stops.stop("nhis", "new", 30)
    await workers.stops.lift("nhis", Stop(NOON.replace(year=2020), "old"))
    assert workers.stops.row is not None
