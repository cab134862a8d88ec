"""What a pooler must let pass: nothing that PgBouncer does not know by itself."""

from __future__ import annotations

import asyncpg

from tests.support.postgres.fixtures import OpenJournal

KNOWN = {"application_name", "client_encoding", "datestyle", "timezone", "standard_conforming_strings"}
"""The parameters of a connection's start that PgBouncer takes without `ignore_startup_parameters`."""


async def test_no_connection_starts_with_a_parameter_that_poolers_refuse(
    open_journal: OpenJournal, monkeypatch
):
    given = []
    connect = asyncpg.connect

    async def watched(*arguments, **named):
        given.append(set(named["server_settings"]))
        return await connect(*arguments, **named)

    monkeypatch.setattr(asyncpg, "connect", watched)
    journal = await open_journal()
    assert len(given) > 1
    assert all(names <= KNOWN for names in given)

    async def settings(connection):
        names = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"]
        return {name: await connection.fetchval("select current_setting($1)", name) for name in names}

    writer = journal._connections[0]
    assert set((await writer.run(settings)).values()) == {"off"}


async def test_the_settings_are_those_of_every_new_connection(open_journal: OpenJournal, connection):
    journal = await open_journal()
    writer = journal._connections[0]
    pid = await writer.run(lambda one: one.fetchval("select pg_backend_pid()"))
    await connection.execute("select pg_terminate_backend($1)", pid)
    shown = await writer.persist(lambda one: one.fetchrow("select current_setting('jit'), pg_backend_pid()"))
    assert shown[0] == "off"
    assert shown[1] != pid
