"""The reservation of a try, by a clock that the tests move."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.ports import FakeClock, settle
from tests.support.signing.refused_secrets import ONE, PROOF, LapsingMemory, reserved
from worker.signing import trying
from worker.signing.port import LEASE, Standing
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.trying import RENEWALS_PER_LEASE, RETRIES_PER_LEASE, renewed, reserve

SOON, THEN = LEASE / RETRIES_PER_LEASE, LEASE / RENEWALS_PER_LEASE


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def memory(clock):
    return LapsingMemory(clock)


async def test_a_long_try_stays_reserved_to_its_end(memory, clock):
    await reserved(memory)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
        for _ in range(10 * RENEWALS_PER_LEASE):
            await clock.advance(THEN)
            assert await reserved(memory, known_good=True) is Standing.BUSY
    assert set(clock.naps) == {THEN}
    assert clock.sleeping == 0


async def test_after_its_end_nothing_is_renewed(memory, clock):
    await reserved(memory)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
    await clock.advance(LEASE + 1)
    assert memory.renewals == 0
    assert await reserved(memory) is Standing.DOUBTFUL


async def test_a_try_whose_worker_died_is_in_doubt_after_one_lease(memory, clock):
    await reserved(memory)
    await clock.advance(LEASE)
    assert await reserved(memory) is Standing.BUSY
    await clock.advance(0.1)
    assert await reserved(memory) is Standing.DOUBTFUL
    assert await reserved(memory, known_good=True) is Standing.FREE


async def test_an_outage_shorter_than_the_lease_costs_nothing(memory, clock):
    await reserved(memory)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
        memory.available = False
        await clock.advance(THEN)
        await clock.advance(SOON)
        await clock.advance(SOON)
        memory.available = True
        await clock.advance(SOON)
        assert clock.naps == [THEN, SOON, SOON, SOON, THEN]
        await clock.advance(LEASE - SOON)
        assert await reserved(memory) is Standing.BUSY


async def test_a_longer_one_does_not_end_the_try_and_its_result_decides(memory, clock):
    await reserved(memory)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
        memory.available = False
        await clock.advance(LEASE + 1)
        assert await reserved(memory) is Standing.DOUBTFUL
    await memory.note(ONE)
    assert await reserved(memory, known_good=True) is Standing.REFUSED


async def test_who_lost_the_reservation_renews_it_no_more(memory, clock):
    await reserved(memory)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
        await memory.release(ONE)
        await clock.advance(THEN)
        assert clock.sleeping == 0
    assert memory.renewals == 1


async def test_a_database_that_does_not_answer_uses_up_a_part_of_the_lease(memory, clock, monkeypatch):
    async def hang(digest):
        await asyncio.Event().wait()

    monkeypatch.setattr(trying, "LEASE", 0.15)
    monkeypatch.setattr(memory, "renew", hang)
    async with renewed(memory, ONE, sleep=clock.sleep):
        await settle()
        await clock.advance(0.05)
        await asyncio.sleep(0.1)
    assert clock.naps == pytest.approx([0.05, 0.01])


class Slow(SecretsRefusedHere):
    """Answers a reservation when it is told to."""

    def __init__(self):
        super().__init__()
        self.answers = asyncio.Event()

    async def reserve(self, digest, *, known_good, proof=None):
        found = await super().reserve(digest, known_good=known_good, proof=proof)
        await self.answers.wait()
        return found


async def test_who_is_cancelled_while_it_asks_leaves_nothing_reserved():
    memory = Slow()
    asking = asyncio.create_task(reserve(memory, ONE, PROOF))
    await settle()
    asking.cancel()
    await settle()
    memory.answers.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await reserved(memory) is Standing.FREE


async def test_who_is_cancelled_while_another_tries_it_leaves_that_alone():
    memory = Slow()
    memory.answers.set()
    await reserved(memory)
    memory.answers.clear()
    asking = asyncio.create_task(reserve(memory, ONE, PROOF))
    await settle()
    asking.cancel()
    memory.answers.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await reserved(memory) is Standing.BUSY
