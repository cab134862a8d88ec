"""Stops of intake in the journal: one of each party for all workers of a system, ended by a probe."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.journal import RealClock
from worker.journal.intake_stops import IntakeStops
from worker.journal.settings import JournalSettings
from worker.pipeline.flood.causes import THE_SYSTEM, Party, Scope
from worker.pipeline.flood.counting import Flood
from worker.pipeline.ports import JournalOutage


@pytest.fixture
async def stops(journal_dsn):
    made = IntakeStops(JournalSettings(dsn=journal_dsn), RealClock())
    yield made
    await made.close()


PARTIES = [THE_SYSTEM, Party(Scope.SOURCE, "/his/a"), Party(Scope.SOURCE), Party(Scope.SIGNER, "/his/a")]
FLOOD = Flood("60 of 100", {"not-json": 60})


async def _in_force(stops, system="nhis"):
    return {one.party: one for one in await stops.in_force(system)}


@pytest.mark.parametrize("party", PARTIES)
async def test_the_first_stop_stands_until_it_is_lifted(stops, party):
    assert await stops.in_force("nhis") == []
    await stops.stop("nhis", party, FLOOD, 900)
    (stop,) = await stops.in_force("nhis")
    await stops.stop("nhis", party, Flood("another worker's count", {}), 1)
    assert await stops.in_force("nhis") == [stop]
    assert (stop.party, stop.why, stop.reasons, stop.probe_due) == (
        party,
        "60 of 100",
        {"not-json": 60},
        False,
    )
    assert await stops.in_force("erx") == []
    await stops.lift("nhis", stop)
    assert await stops.in_force("nhis") == []


async def test_each_party_has_a_stop_of_its_own(stops):
    for party in PARTIES:
        await stops.stop("nhis", party, FLOOD, 900)
    found = await _in_force(stops)
    assert found.keys() == set(PARTIES)
    await stops.lift("nhis", found[PARTIES[1]])
    assert (await _in_force(stops)).keys() == set(PARTIES) - {PARTIES[1]}


@pytest.mark.parametrize("party", PARTIES[:2])
async def test_an_old_stop_lifts_no_new_one(stops, party):
    await stops.stop("nhis", party, Flood("first", {}), 900)
    (first,) = await stops.in_force("nhis")
    await stops.lift("nhis", first)
    await stops.stop("nhis", party, Flood("second", {}), 900)
    await stops.lift("nhis", first)
    assert [one.why for one in await stops.in_force("nhis")] == ["second"]


@pytest.mark.parametrize("party", PARTIES[:2])
async def test_only_one_worker_makes_the_probe_that_is_due(stops, party):
    assert not await stops.take_probe("nhis", party, 60)  # nothing is stopped
    await stops.stop("nhis", party, FLOOD, 60)
    assert not await stops.take_probe("nhis", party, 60)  # not yet
    await stops.stop("erx", party, FLOOD, 0)
    assert (await _in_force(stops, "erx"))[party].probe_due
    assert await stops.take_probe("erx", party, 60)
    assert not await stops.take_probe("erx", party, 60)
    assert not (await _in_force(stops, "erx"))[party].probe_due


async def test_a_journal_that_is_unavailable_is_said_to_be(tmp_path):
    nowhere = IntakeStops(JournalSettings(dsn=f"postgresql:///x?host={tmp_path}"), RealClock())
    with pytest.raises(JournalOutage):
        await nowhere.in_force("nhis")


async def test_the_lines_of_many_systems_may_ask_at_once(stops):
    systems = [f"system-{number}" for number in range(8)]
    await asyncio.gather(*(stops.stop(system, THE_SYSTEM, Flood(system, {}), 0) for system in systems))

    found = await asyncio.gather(*(stops.in_force(system) for system in systems))

    assert [stop.why for (stop,) in found] == systems
