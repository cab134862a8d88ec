"""Migrations: once, twice, at the same time, and after somebody meddled."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from worker.journal import migrate as migrate_module
from worker.journal.errors import SchemaOutdated
from worker.journal.migrate import check, migrate, migrations


@pytest.fixture
async def empty(empty_dsn):
    connection = await asyncpg.connect(empty_dsn)
    yield connection
    await connection.close()


async def test_the_second_run_has_nothing_to_do(empty_dsn, empty):
    assert await migrate(empty_dsn) == migrations()
    assert await migrate(empty_dsn) == []
    await check(empty)


async def test_concurrent_runs_take_turns(empty_dsn, empty):
    applied = await asyncio.gather(*(migrate(empty_dsn) for _ in range(5)))
    assert sorted(applied, key=len) == [[], [], [], [], migrations()]
    await check(empty)


async def test_a_database_without_tables_is_outdated(empty):
    with pytest.raises(
        SchemaOutdated,
        match=r"lack 0001_journal, .*, 0019_byte_order: run `herald journal migrate`",
    ):
        await check(empty)


async def test_a_migration_that_was_changed_is_found_out(empty_dsn, empty):
    await migrate(empty_dsn)
    await empty.execute("update schema_versions set checksum = 'another' where version = 1")
    with pytest.raises(SchemaOutdated, match="0001_journal differs from this version"):
        await check(empty)
    with pytest.raises(SchemaOutdated, match="0001_journal differs from this version"):
        await migrate(empty_dsn)


async def test_a_database_ahead_of_this_version_will_do(empty_dsn, empty):
    await migrate(empty_dsn)
    await empty.execute("insert into schema_versions values (9999, '9999_later', 'x')")
    await check(empty)


@pytest.mark.parametrize(("deadlocks", "done"), [(3, True), (99, False)])
async def test_the_victim_of_a_deadlock_tries_again(empty_dsn, empty, monkeypatch, deadlocks, done):
    apply, left = migrate_module._apply, [deadlocks]

    async def refused(connection, migration):
        if migration.version == 2 and left[0]:
            left[0] -= 1
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await apply(connection, migration)

    monkeypatch.setattr(migrate_module, "_apply", refused)
    if done:
        assert await migrate(empty_dsn) == migrations()
        return
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await migrate(empty_dsn)


async def test_a_migration_that_fails_leaves_nothing_behind(empty_dsn, empty):
    await empty.execute("create table code_entries ()")  # the last table of 0001: in its way
    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(empty_dsn)
    assert await empty.fetchval("select to_regclass('submissions')") is None
    await empty.execute("drop table code_entries")
    assert await migrate(empty_dsn) == migrations()


async def test_no_index_depends_on_the_order_of_a_locale(journal_dsn):
    """An update of the C library may change that order, and then a unique index no longer finds what it has."""
    connection = await asyncpg.connect(journal_dsn)
    by_locale = """
        select x.indexrelid::regclass::text, a.attname
        from pg_index x
        join pg_attribute a on a.attrelid = x.indexrelid
        where x.indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
          and a.attcollation not in (0, '"C"'::regcollation)"""
    try:
        assert [tuple(row) for row in await connection.fetch(by_locale)] == []
        await connection.execute("create table by_locale (name text primary key)")
        assert [tuple(row) for row in await connection.fetch(by_locale)] == [("by_locale_pkey", "name")]
    finally:
        await connection.close()
