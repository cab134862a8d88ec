"""Stops of intake in the journal: one for all workers of a system, ended by a probe."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.journal import RealClock
from worker.journal.intake_stops import IntakeStops
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Away


@pytest.fixture
async def stops(journal_dsn):
    made = IntakeStops(JournalSettings(dsn=journal_dsn), RealClock())
    yield made
    await made.close()


async def test_the_first_stop_stands_until_it_is_lifted(stops):
    assert await stops.in_force("nhis") is None
    await stops.stop("nhis", "60 of 100", 900)
    stop = await stops.in_force("nhis")
    await stops.stop("nhis", "another worker's count", 1)
    assert await stops.in_force("nhis") == stop
    assert stop.why == "60 of 100"
    assert await stops.in_force("erx") is None
    await stops.lift("nhis", stop)
    assert await stops.in_force("nhis") is None


async def test_an_old_stop_lifts_no_new_one(stops):
    await stops.stop("nhis", "first", 900)
    first = await stops.in_force("nhis")
    await stops.lift("nhis", first)
    await stops.stop("nhis", "second", 900)
    await stops.lift("nhis", first)
    assert (await stops.in_force("nhis")).why == "second"


async def test_only_one_worker_makes_the_probe_that_is_due(stops):
    assert not await stops.take_probe("nhis", 60)  # nothing is stopped
    await stops.stop("nhis", "flood", 60)
    assert not await stops.take_probe("nhis", 60)  # not yet
    await stops.stop("erx", "flood", 0)
    assert await stops.take_probe("erx", 60)
    assert not await stops.take_probe("erx", 60)


async def test_a_journal_that_is_away_is_said_to_be(tmp_path):
    nowhere = IntakeStops(JournalSettings(dsn=f"postgresql:///x?host={tmp_path}"), RealClock())
    with pytest.raises(Away):
        await nowhere.in_force("nhis")


async def test_the_lines_of_many_systems_may_ask_at_once(stops):
    systems = [f"system-{number}" for number in range(8)]
    await asyncio.gather(*(stops.stop(system, system, 0) for system in systems))

    found = await asyncio.gather(*(stops.in_force(system) for system in systems))

    assert [stop.why for stop in found] == systems
