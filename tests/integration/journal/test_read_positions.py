"""How far intake has come, and what it lost, as workers note it and operators acknowledge it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support.postgres.journal import RealClock
from worker.admin.audit_log import newest_entries
from worker.admin.errors import UnknownSystem
from worker.admin.intake import acknowledge_losses, list_losses
from worker.journal.read_positions import PostgresReadPositions
from worker.pipeline.ports import Loss

COUNTED = Loss("t", 3, 7, 40, "deleted")
UNCOUNTED = Loss("t", 4, 60, None, "recreated")


@pytest.fixture
async def positions(settings):
    made = PostgresReadPositions(settings, RealClock())
    yield made
    await made.close()


@pytest.fixture
def configured(settings):
    return SimpleNamespace(journal=settings, systems=SimpleNamespace(configured=lambda: ["nhis", "erx"]))


async def test_a_group_has_its_own_position_and_the_last_one_counts(positions):
    await positions.note("g", {("t", 3): 7, ("t", 4): 1})
    await positions.note("g", {("t", 3): 5})
    assert await positions.read_to("g", "t", 3) == 5
    assert await positions.read_to("g", "t", 4) == 1
    assert await positions.read_to("other", "t", 3) is None


async def test_a_loss_that_two_workers_notice_is_one_until_it_is_acknowledged(
    positions, settings, configured
):
    for loss in (COUNTED, COUNTED, UNCOUNTED, UNCOUNTED):
        await positions.record_loss("nhis", loss)
    assert await positions.open_losses("nhis") == [COUNTED, UNCOUNTED]
    assert await positions.open_losses("erx") == []
    assert [one.lost for one in await list_losses(settings)] == [33, None]

    found = await acknowledge_losses(configured, "nhis", who="operator", reason="asked for again")

    assert [(one.partition, one.lost) for one in found] == [(3, 33), (4, None)]
    assert await positions.open_losses("nhis") == await list_losses(settings) == []
    entries = await newest_entries(settings)
    assert {(one.who, one.act, one.reason) for one in entries} == {
        ("operator", "acknowledge-loss", "asked for again")
    }
    assert await acknowledge_losses(configured, "nhis", who="operator", reason=None) == []
    await positions.record_loss("nhis", COUNTED)
    assert await positions.open_losses("nhis") == [COUNTED]


async def test_a_system_that_is_not_configured_has_nothing_to_acknowledge(configured):
    with pytest.raises(UnknownSystem, match="there are nhis, erx"):
        await acknowledge_losses(configured, "nhif", who="operator", reason=None)
