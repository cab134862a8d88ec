"""The places to look at on PostgreSQL: they keep to the port, and their cursors are encrypted where the journal is."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.journal.looks import NAME, LookConformance, found, one, taken
from tests.support.postgres.journal import RealClock
from worker.admin.reencryption_sql import TABLES, batch
from worker.journal.connection import connect
from worker.journal.notifications import PostgresNotifications
from worker.journal.settings import JournalSettings
from worker.journal.watches import PostgresWatches
from worker.pipeline.ports import JournalOutage

KEYS = {"2026": {"secret": "bb" * 32}, "2027": {"secret": "cc" * 32}}
ENCRYPTED = {"encryption": {"active_key": "2026", "keys": KEYS}}


class PostgresWorld:
    """Workers over one database."""

    def __init__(self, dsn: str, connection: asyncpg.Connection) -> None:
        self._dsn = dsn
        self.connection = connection
        self.opened: list[PostgresNotifications] = []

    def view(self, me: str, **values: object) -> PostgresWatches:
        settings = JournalSettings(**({"dsn": self._dsn} | values))
        self.opened.append(PostgresNotifications(settings, me, [NAME], RealClock()))
        return PostgresWatches(self.opened[-1])

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def names(self) -> list[str]:
        return [
            row["id"]
            for row in await self.connection.fetch("select id from notifications order by received_at")
        ]


@pytest.fixture
async def world(journal_dsn, connection):
    made = PostgresWorld(journal_dsn, connection)
    yield made
    for opened in made.opened:
        await opened.close()


class TestLooks(LookConformance):
    """What is done about places."""


async def test_two_workers_never_take_one_place_at_once(world):
    both = [world.view("one"), world.view("two")]
    await both[0].declare(NAME, ["a", "b", "c"])
    for _ in range(20):
        looks = [look for each in await asyncio.gather(*map(taken, both)) for look in each]
        assert sorted(look.watch for look in looks) == ["a", "b", "c"]
        by_worker = [(mine, look) for mine in both for look in looks]
        for mine, look in by_worker:
            await mine.put_off(look, 0)


async def test_a_cursor_is_encrypted_bound_to_its_place_and_encrypted_anew(world, journal_dsn):
    mine = world.view("one", **ENCRYPTED)
    await world.opened[0].check()
    await mine.saw(await one(mine), [found("n-1")], "page-17", delay=0, hastened=0)
    stored = await world.connection.fetchval("select cursor from watches")
    assert b"page-17" not in stored
    settings = JournalSettings(dsn=journal_dsn, encryption={"active_key": "2027", "keys": KEYS})
    renewing = await connect(settings, "test", statement_seconds=5)
    (table,) = [table for table in TABLES if "watches" in table.read]
    assert await batch(renewing, table, table.first) == ((NAME, "a"), 1, 0)
    await renewing.close()
    assert await world.connection.fetchval("select cursor from watches") != stored
    (look,) = await taken(mine)
    assert (look.cursor, look.unreadable) == ("page-17", None)
    await mine.put_off(look, 0)
    await world.connection.execute("update watches set name = 'b'")
    (moved,) = await taken(mine)
    assert moved.cursor is None
    assert moved.unreadable


async def test_an_outage_is_one(world):
    nowhere = world.view("one", dsn="postgresql://nobody@127.0.0.1:1/none")
    for work in (
        nowhere.declare(NAME, ["a"]),
        nowhere.standing(NAME, ["a"]),
        nowhere.look_soon(NAME, ["a"], least=1),
    ):
        with pytest.raises(JournalOutage):
            await work
