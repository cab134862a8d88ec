"""Cached nomenclatures on a real server."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.journal import AT
from worker.journal import code_lists
from worker.journal.code_lists import CachedCodeLists, load, replace
from worker.journal.errors import JournalUnavailable
from worker.journal.settings import JournalSettings
from worker.systems.port import CodeList

ROUTES = CodeList("CL040", "Действия", AT, {"1": {"description bg": "Спиране\x00"}, "2": {}})
EMPTY = CodeList("CL090", "Empty", AT, {})


async def test_what_was_put_is_what_is_read(connection):
    await replace(connection, "nhis", ROUTES)
    await replace(connection, "nhis", EMPTY)
    await replace(connection, "regix", CodeList("CL040", "Another system's", AT, {"9": {}}))
    assert await load(connection, "nhis") == {"CL040": ROUTES, "CL090": EMPTY}
    assert await load(connection, "erx") == {}


async def test_a_list_is_replaced_as_a_whole(connection):
    await replace(connection, "nhis", ROUTES)
    newer = CodeList("CL040", "Newer", AT.replace(year=2027), {"3": {"a": "b"}})
    await replace(connection, "nhis", newer)
    assert await load(connection, "nhis") == {"CL040": newer}


async def test_replacing_at_the_same_time_leaves_one_of_them(connection, settings):
    async def one(number):
        async with code_lists.session(settings, "test") as own:
            await replace(own, "nhis", CodeList("L", str(number), AT, {str(number): {}}))

    await asyncio.gather(*(one(number) for number in range(5)))
    left = (await load(connection, "nhis"))["L"]
    assert list(left.codes) == [left.name]


async def test_the_cache_reads_only_what_changed(connection, settings, monkeypatch):
    cached = CachedCodeLists(settings, "nhis")
    assert cached.get("CL040") is None
    await replace(connection, "nhis", ROUTES)
    await replace(connection, "nhis", EMPTY)
    await cached.refresh()
    assert cached.get("CL040") == ROUTES

    loaded = []
    really = code_lists._load

    async def watched(connection, system, ids):
        loaded.append(list(ids))
        return await really(connection, system, ids)

    monkeypatch.setattr(code_lists, "_load", watched)
    kept = cached.get("CL040")
    await cached.refresh()
    assert loaded == []
    newer = CodeList("CL090", "Now with a code", AT, {"1": {}})
    await replace(connection, "nhis", newer)
    await cached.refresh()
    assert loaded == [["CL090"]]
    assert cached.get("CL090") == newer
    assert cached.get("CL040") is kept


async def test_a_list_that_disappeared_is_forgotten(connection, settings):
    cached = CachedCodeLists(settings, "nhis")
    await replace(connection, "nhis", ROUTES)
    await cached.refresh()
    await connection.execute("delete from code_lists")
    await cached.refresh()
    assert cached.get("CL040") is None


async def test_in_an_outage_the_cache_keeps_what_it_has(connection, settings, tmp_path):
    cached = CachedCodeLists(settings, "nhis")
    await replace(connection, "nhis", ROUTES)
    await cached.refresh()
    cached._settings = JournalSettings(dsn=f"postgresql://postgres@/x?host={tmp_path}")
    with pytest.raises(JournalUnavailable):
        await cached.refresh()
    assert cached.get("CL040") == ROUTES
