"""The lease by this process's clock."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.ports import FakeClock, settle
from worker.journal.errors import JournalUnavailable
from worker.journal.lease import Lease

LEASE = 15.0  # seconds


class Line:
    """A connection to a database that takes ``slowness`` seconds to answer, or is away."""

    def __init__(self, clock):
        self.clock = clock
        self.unavailable = False
        self.broken = False
        self.slowness = 0.0
        self.renewals = 0

    async def run(self, work):
        if self.unavailable:
            raise JournalUnavailable("away")
        if self.broken:
            raise RuntimeError("a bug")
        return await work(self)

    persist = run

    async def execute(self, statement, *arguments):
        self.renewals += "insert into workers" in statement
        if self.slowness:
            await self.clock.sleep(self.slowness)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def line(clock):
    return Line(clock)


@pytest.fixture
async def lease(line, clock):
    lease = Lease(line, "worker-1", LEASE, clock)
    await lease.begin()
    beating = asyncio.create_task(lease.run())
    await settle()
    yield lease
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_it_lives_as_long_as_it_is_renewed(lease, line, clock):
    for _ in range(20):
        await clock.advance(LEASE / 3)
        assert lease.alive
    assert line.renewals == 21
    assert lease.term == 1


async def test_it_ends_when_the_database_is_unavailable_too_long(lease, line, clock):
    line.unavailable = True
    await clock.advance(LEASE - 0.01)
    assert lease.alive
    await clock.advance(0.02)
    assert not lease.alive


async def test_back_in_time_is_the_same_term_and_too_late_is_a_new_one(lease, line, clock):
    for outage, term in ((LEASE * 0.6, 1), (LEASE * 2, 2)):
        line.unavailable = True
        for _ in range(int(outage)):
            await clock.advance(1)
        line.unavailable = False
        for _ in range(5):
            await clock.advance(LEASE / 15)
        assert lease.alive
        assert lease.term == term


async def test_a_bug_does_not_stop_the_heart(lease, line, clock, caplog):
    line.broken = True
    await clock.advance(LEASE / 3)
    line.broken = False
    await clock.advance(LEASE / 15)
    assert line.renewals == 2
    assert "could not be renewed" in caplog.text


async def test_a_slow_answer_does_not_lengthen_the_lease(lease, line, clock):
    line.slowness = 4.0
    await clock.advance(LEASE / 3)  # asks
    await clock.advance(4.0)  # hears
    line.unavailable = True
    await clock.advance(LEASE - 4.0 - 0.01)
    assert lease.alive
    await clock.advance(0.02)
    assert not lease.alive


async def test_after_the_end_it_is_not_alive(lease, line):
    await lease.end()
    assert not lease.alive


async def test_ending_in_an_outage_leaves_it_to_time(lease, line):
    line.unavailable = True
    await lease.end()
    assert not lease.alive
