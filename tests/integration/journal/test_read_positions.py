"""How far intake has come, and what it lost, as workers note it and operators acknowledge it."""

from __future__ import annotations

from types import SimpleNamespace

import asyncpg
import pytest

from tests.support.postgres import version_0005
from tests.support.postgres.journal import RealClock
from worker.admin.audit_log import newest_entries
from worker.admin.errors import UnknownSystem
from worker.admin.intake import acknowledge_losses, list_losses
from worker.journal.read_positions import PostgresReadPositions
from worker.pipeline.ports import Loss, Position

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


async def _noted(positions, group="g"):
    return await positions.noted(group, "t", [3, 4, 5])


async def test_a_group_has_its_own_positions_each_with_the_id_of_its_topic(positions):
    await positions.note("g", {("t", 3): Position(7, "id"), ("t", 4): Position(1)})
    assert await _noted(positions) == {3: Position(7, "id"), 4: Position(1)}
    assert await _noted(positions, "other") == {}
    assert await positions.noted("g", "other", [3]) == {}


@pytest.mark.parametrize(
    ("known", "noted", "kept"),
    [
        (Position(7, "id"), Position(9, "id"), Position(9, "id")),
        (Position(7, "id"), Position(5, "id"), Position(7, "id")),
        (Position(7, "new"), Position(9, "old"), Position(7, "new")),
        (Position(7), Position(5, "id"), Position(5, "id")),
        (Position(7), Position(5), Position(5)),
        (Position(7, "id"), Position(5), Position(5)),
    ],
    ids=["later", "earlier", "another topic's", "the first id", "no ids", "no id any more"],
)
async def test_what_is_noted_gives_way_to_what_is_later_of_the_same_topic(positions, known, noted, kept):
    await positions.note("g", {("t", 3): known})
    await positions.note("g", {("t", 3): noted})
    assert await _noted(positions) == {3: kept}


@pytest.mark.parametrize("known", [None, Position(7), Position(7, "id")])
@pytest.mark.parametrize(
    "found", [None, Position(7), Position(7, "id"), Position(8, "id"), Position(7, "old")]
)
async def test_reading_begins_anew_in_place_of_what_was_found_alone(positions, known, found):
    """Another position is that of the partition's new owner."""
    if known is not None:
        await positions.note("g", {("t", 3): known})
    begin = Position(0, "newest")
    done = known in (None, found)
    assert await positions.note_anew("g", ("t", 3), begin, instead_of=found) is done
    assert await _noted(positions) == {3: begin if done else known}


async def test_an_offset_set_back_by_a_version_without_ids_is_replaced_as_well(positions, settings):
    await positions.note("g", {("t", 3): Position(7, "id")})
    connection = await asyncpg.connect(settings.dsn.get_secret_value())
    try:
        await connection.execute(version_0005.NOTE, "g", ["t"], [3], [9])
    finally:
        await connection.close()
    assert not await positions.note_anew("g", ("t", 3), Position(0, "new"), instead_of=Position(9, "id"))
    assert await positions.note_anew("g", ("t", 3), Position(0, "new"), instead_of=Position(9))


async def test_an_id_does_not_hold_for_an_offset_that_the_version_before_noted(positions, settings):
    await positions.note("g", {("t", 3): Position(7, "id"), ("t", 4): Position(7, "id")})
    connection = await asyncpg.connect(settings.dsn.get_secret_value())
    try:
        await connection.execute(version_0005.NOTE, "g", ["t", "t"], [3, 5], [7, 2])
    finally:
        await connection.close()
    assert await _noted(positions) == {3: Position(7), 4: Position(7, "id"), 5: Position(2)}
    await positions.note("g", {("t", 3): Position(6, "id")})
    assert (await _noted(positions))[3] == Position(6, "id")


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
