"""The flood guard: whose submissions wait, for how long, and how they resume."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from contracts.reasons import Reason
from tests.support.fakes.ports import NOON, FakeClock, FakeStops, settle
from worker.pipeline.flood.causes import THE_SYSTEM, Hold, Party, Scope, Sender
from worker.pipeline.flood.counting import Flood, FloodCounters, FloodPolicy
from worker.pipeline.flood.guard import LOOK, FloodGuard
from worker.pipeline.ports import Stop
from worker.pipeline.shutdown import Released, SetAside, Shutdown

POLICY = FloodPolicy(share=0.5, at_least=3, window=10.0, probe_after=30.0, dead_letters_per_minute=8)
A, B = Sender("/his/a", "dr-1"), Sender("/his/b", "dr-2")
SOURCE_A, SIGNER_1 = A.parties
SYSTEM_SIDE, OF_THE_EVENT, OF_THE_SIGNER = (
    Reason.OUTCOME_UNKNOWN,
    Reason.CONTRACT_VIOLATION,
    Reason.SIGNING_FAILED,
)


class Workers:
    """Two workers of one system, on one journal."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stops = FakeStops(self.clock)
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
            FloodCounters(POLICY, self.clock.monotonic),
            self.stops,
            self.clock,
            on_change=lambda: self.changes.append((guard, guard.takes)),
            can_probe=lambda _: guard not in self.without_partitions,
        )
        return guard

    async def flood(self) -> None:
        for _ in range(3):
            self.guards[0].dies(SYSTEM_SIDE, A)
        await self.clock.advance(LOOK)
        await self.clock.advance(LOOK)

    def comes(self, guard: FloodGuard, *, ends: str = "well") -> asyncio.Task[None]:
        """Let a record come, and end as the engine lets it end once it has passed."""

        async def process() -> None:
            await guard.wait(self.shutdown)
            self.passed += 1
            try:
                if ends != "answered before":
                    guard.dies(SYSTEM_SIDE, A) if ends == "dead" else guard.ends_well(A)
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


async def _stop_of_a_source(workers: Workers, reason: Reason = OF_THE_EVENT) -> FloodGuard:
    guard = workers.guards[0]
    for _ in range(3):
        guard.dies(reason, A)
    await workers.clock.advance(LOOK)
    await workers.clock.advance(LOOK)
    return guard


@pytest.mark.parametrize(
    ("reason", "party", "others"),
    [
        (OF_THE_EVENT, SOURCE_A, Sender("/his/b", "dr-1")),
        (OF_THE_SIGNER, SIGNER_1, Sender("/his/a", "dr-2")),
    ],
)
async def test_one_sender_is_stopped_in_all_workers_and_no_other(
    workers: Workers, reason: Reason, party: Party, others: Sender
) -> None:
    await _stop_of_a_source(workers, reason)
    for guard in workers.guards:
        assert guard.hold(A) == Hold(party, stopped=True)
        assert guard.admit(A, waited=False) == Hold(party, stopped=True)
        assert guard.hold(others) is None
        assert guard.admit(others, waited=False) is None
        assert list(guard.stopped) == [party]
        assert guard.takes
        assert guard.stop_reason is None
    assert workers.stops.rows[party].reasons == {reason.value: 3}
    assert workers.changes == []


async def test_a_sender_resumes_when_its_stop_is_lifted(workers: Workers) -> None:
    guard = await _stop_of_a_source(workers)
    workers.stops.rows.clear()
    await workers.clock.advance(LOOK)
    assert [one.hold(A) for one in workers.guards] == [None, None]
    guard.dies(OF_THE_EVENT, A)
    assert guard.hold(A) is None  # it is counted anew


async def _probe(guard: FloodGuard, reason: Reason | None) -> Hold | None:
    async def process() -> Hold | None:
        if hold := guard.admit(A, waited=False):
            return hold
        try:
            guard.dies(reason, A) if reason is not None else guard.ends_well(A)
        finally:
            guard.done()
        return None

    return await asyncio.create_task(process())


async def test_one_submission_of_the_sender_is_tried_and_its_success_lets_the_others_go_on(
    workers: Workers,
) -> None:
    guard = await _stop_of_a_source(workers)
    workers.without_partitions.append(workers.guards[1])
    await workers.clock.advance(POLICY.probe_after)
    assert guard.hold(A) is None
    assert await _probe(guard, None) is None
    assert guard.hold(A) == Hold(SOURCE_A, stopped=True)  # until the journal knows
    await workers.clock.advance(LOOK)
    assert [one.hold(A) for one in workers.guards] == [None, None]
    assert not workers.stops.rows


async def test_a_probe_of_a_sender_that_dies_keeps_it_stopped(workers: Workers) -> None:
    guard = await _stop_of_a_source(workers)
    workers.without_partitions.append(workers.guards[1])
    await workers.clock.advance(POLICY.probe_after)
    assert await _probe(guard, OF_THE_EVENT) is None
    await workers.clock.advance(LOOK)
    assert await _probe(guard, OF_THE_EVENT) == Hold(SOURCE_A, stopped=True)


async def test_what_was_in_progress_at_the_stop_and_never_sent_is_set_aside(workers: Workers) -> None:
    guard = await _stop_of_a_source(workers)
    with pytest.raises(SetAside) as aside:
        guard.dies(OF_THE_EVENT, A)
    assert aside.value.hold == Hold(SOURCE_A, stopped=True)
    guard.dies(OF_THE_EVENT, A, sent=True)
    guard.dies(OF_THE_EVENT, B)


async def test_what_waited_for_a_resume_does_not_stop_its_source_again(workers: Workers) -> None:
    guard = workers.guards[0]

    async def process() -> None:
        assert guard.admit(A, waited=True) is None
        guard.dies(OF_THE_EVENT, A)
        guard.done()

    for _ in range(5):
        await asyncio.create_task(process())
    assert guard.hold(A) is None
    for _ in range(3):  # these are new
        guard.dies(OF_THE_EVENT, A)
    assert guard.hold(A) == Hold(SOURCE_A, stopped=True)


async def test_what_waited_does_not_stop_its_source_again_by_its_signers(workers: Workers) -> None:
    guard = workers.guards[0]
    senders = [Sender("/his/a", f"unknown-{number}") for number in range(5)]

    async def process(sender: Sender, *, waited: bool) -> None:
        assert guard.admit(sender, waited=waited) is None
        guard.dies(Reason.UNKNOWN_SIGNER, sender)
        guard.done()

    for sender in senders:
        await asyncio.create_task(process(sender, waited=True))
    assert guard.hold(A) is None
    for sender in senders[:3]:  # these are new
        await asyncio.create_task(process(sender, waited=False))
    assert guard.hold(A) == Hold(SOURCE_A, stopped=True)


async def test_what_waited_for_its_signer_is_counted_again(workers: Workers) -> None:
    guard = workers.guards[0]

    async def process() -> None:
        if guard.admit(A, waited=True) is None:
            guard.dies(OF_THE_SIGNER, A)
            guard.done()

    for _ in range(5):
        await asyncio.create_task(process())
    assert guard.hold(A) == Hold(SIGNER_1, stopped=True)


async def test_beyond_its_dead_letters_of_a_minute_a_source_waits_until_there_are_some_again() -> None:
    clock = FakeClock()
    policy = FloodPolicy(share=1, dead_letters_per_minute=8)
    guard = FloodGuard("nhis", FloodCounters(policy, clock.monotonic), FakeStops(clock), clock)
    for _ in range(8):
        guard.dies(OF_THE_EVENT, A)
    for sender in (A, Sender("/his/a", "dr-2")):
        with pytest.raises(SetAside):
            guard.dies(OF_THE_EVENT, sender)
        assert guard.hold(sender) == Hold(SOURCE_A, stopped=False)
    assert guard.limited == (SOURCE_A,)
    assert guard.hold(Sender("/his/b", "dr-1")) is None
    guard.dies(OF_THE_EVENT, B)
    with pytest.raises(SetAside):
        guard.dies(OF_THE_SIGNER, A)  # a source may invent signers
    guard.dies(SYSTEM_SIDE, A)
    await clock.advance(62)
    assert guard.hold(A) is None
    assert guard.limited == ()


async def test_what_names_no_source_is_stopped_by_itself(workers: Workers) -> None:
    guard = workers.guards[0]
    for _ in range(3):
        guard.dies(Reason.UNREADABLE_RECORD, Sender())
    assert guard.hold(Sender()) == Hold(Party(Scope.SOURCE), stopped=True)
    assert guard.hold(A) is None


async def test_a_source_that_invents_signers_is_bounded_like_any_other() -> None:
    clock = FakeClock()
    policy = FloodPolicy(share=1, dead_letters_per_minute=8)
    guard = FloodGuard("nhis", FloodCounters(policy, clock.monotonic), FakeStops(clock), clock)
    guard.ends_well(A)
    died = 0
    for number in range(100):
        with suppress(SetAside):
            guard.dies(Reason.UNKNOWN_SIGNER, Sender("/his/a", f"invented-{number}"))
            died += 1
    assert died == 8
    assert guard.hold(Sender("/his/b", "dr-1")) is None
