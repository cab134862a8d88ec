"""Stops of one source or one signer: no other waits, and how the sender resumes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from contracts.reasons import Reason
from tests.support.fakes.flood import (
    OF_THE_EVENT,
    OF_THE_SIGNER,
    POLICY,
    SIGNER_1,
    SOURCE_A,
    SYSTEM_SIDE,
    A,
    B,
    Workers,
)
from tests.support.fakes.ports import FakeClock, FakeStops
from worker.pipeline.flood.causes import Hold, Party, Scope, Sender
from worker.pipeline.flood.counting import FloodCounters, FloodPolicy
from worker.pipeline.flood.guard import LOOK, FloodGuard
from worker.pipeline.ports import Stop
from worker.pipeline.shutdown import SetAside


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


async def test_a_flood_that_is_seen_while_the_journal_is_asked_is_not_forgotten(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, ask = workers.guards[0], workers.stops.in_force

    async def ask_slowly(system: str) -> list[Stop]:
        found = await ask(system)
        for _ in range(3):
            guard.dies(OF_THE_EVENT, A)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(workers.stops, "in_force", ask_slowly)
        await guard.look()
    assert guard.hold(A) == Hold(SOURCE_A, stopped=True)
    await guard.look()
    assert list(workers.stops.rows) == [SOURCE_A]


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
