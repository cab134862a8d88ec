"""Stops of intake as people see, make and end them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support.postgres.journal import RealClock
from worker.admin.audit_log import newest_entries
from worker.admin.errors import UnknownSystem
from worker.admin.intake import list_stops, resume_intake, stop_intake
from worker.journal.intake_stops import IntakeStops


@pytest.fixture
async def stops(settings):
    """The stops as workers know them."""
    made = IntakeStops(settings, RealClock())
    yield made
    await made.close()


@pytest.fixture
def configured(settings):
    """Settings with two systems."""
    return SimpleNamespace(journal=settings, systems=SimpleNamespace(configured=lambda: ["nhis", "erx"]))


async def test_a_person_resumes_intake_and_that_is_written_down(stops, settings, configured):
    await stops.stop("nhis", "60 of 100", 900)
    (listed,) = await list_stops(settings)
    assert (listed.system, listed.why) == ("nhis", "60 of 100")

    ended = await resume_intake(configured, None, who="operator", reason="the signer is back")

    assert ended == [listed]
    assert await stops.in_force("nhis") is None
    (entry,) = await newest_entries(settings)
    assert (entry.who, entry.act, entry.reason) == ("operator", "resume-intake", "the signer is back")
    assert (entry.system, entry.dead_letter_id) == ("nhis", None)
    assert entry.details == {"stopped_because": "60 of 100"}
    assert await resume_intake(configured, "nhis", who="operator", reason=None) == []


async def test_what_a_person_stopped_only_a_person_resumes(stops, settings, configured):
    await stops.stop("nhis", "60 of 100", 0)
    flood = await stops.in_force("nhis")

    made = await stop_intake(configured, "nhis", who="operator", reason="certificates are exchanged")

    assert (made.why, made.probe_at) == ("certificates are exchanged", None)
    assert await list_stops(settings) == [made]
    assert not await stops.take_probe("nhis", 60)
    await stops.lift("nhis", flood)
    assert (await stops.in_force("nhis")).why == "certificates are exchanged"
    assert await resume_intake(configured, "nhis", who="operator", reason="done") == [made]
    assert [one.act for one in await newest_entries(settings)] == ["resume-intake", "stop-intake"]


async def test_a_system_that_is_not_configured_is_neither_stopped_nor_resumed(settings, configured):
    with pytest.raises(UnknownSystem, match="there are nhis, erx"):
        await stop_intake(configured, "nhif", who="operator", reason="no")
    with pytest.raises(UnknownSystem, match="there are nhis, erx"):
        await resume_intake(configured, "nhif", who="operator", reason="no")
    assert await list_stops(settings) == []
