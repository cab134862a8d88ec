"""One connection for bursts of short work, on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.journal import RealClock
from worker.journal.errors import JournalUnavailable
from worker.journal.settings import JournalSettings
from worker.journal.shared_connection import SharedConnection

COUNT = "select count(*) from pg_stat_activity where application_name = 'herald shared'"
PID = "select pg_backend_pid()"


async def until_closed(connection):
    for _ in range(100):
        if not await connection.fetchval(COUNT):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the connection stays open")


async def test_many_share_one_and_it_is_closed_after_the_last(settings, connection):
    shared = SharedConnection(settings, "shared", RealClock())

    found = await asyncio.gather(*(shared.run(lambda one: one.fetchval(PID)) for _ in range(20)))

    assert len(set(found)) == 1
    await until_closed(connection)
    assert await shared.run(lambda one: one.fetchval(PID)) not in found
    await until_closed(connection)


async def test_who_is_cancelled_leaves_the_others_a_connection(settings, connection):
    shared = SharedConnection(settings, "shared", RealClock())
    slow = asyncio.create_task(shared.run(lambda one: one.fetchval("select pg_sleep(1)")))
    await asyncio.sleep(0.2)
    waiting = asyncio.create_task(shared.run(lambda one: one.fetchval("select 1")))
    slow.cancel()

    assert await waiting == 1
    await asyncio.gather(slow, return_exceptions=True)
    await until_closed(connection)


async def test_who_waits_meanwhile_learns_of_an_outage_at_once():
    shared = SharedConnection(JournalSettings(dsn="postgresql://127.0.0.1:9/none"), "shared", RealClock())
    tries = 0

    async def count(_):
        nonlocal tries
        tries += 1

    connects = []
    inner = shared._connection._connected

    async def connected():
        connects.append(1)
        return await inner()

    shared._connection._connected = connected
    found = await asyncio.gather(*(shared.run(count) for _ in range(20)), return_exceptions=True)

    assert {type(one) for one in found} == {JournalUnavailable}
    assert (len(connects), tries) == (1, 0)
    with pytest.raises(JournalUnavailable):
        await shared.run(count)
    assert len(connects) == 2
