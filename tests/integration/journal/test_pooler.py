"""What a pooler must let pass: nothing that PgBouncer does not know by itself."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from tests.support.postgres.fixtures import OpenJournal
from tests.support.worker.installation import eventually
from worker.admin.errors import ActFailed
from worker.admin.submissions import show_submission
from worker.clock import SystemClock
from worker.journal.postgres import PostgresJournal

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


async def test_a_value_that_the_server_was_not_built_with_is_left_out(
    open_journal: OpenJournal, connection, monkeypatch
):
    offered = await connection.fetchval(
        "select enumvals from pg_settings where name = 'default_toast_compression'"
    )
    wanted = {
        "default_toast_compression": "no-such-method",
        "plan_cache_mode": "force_custom_plan",
        "jit": "off",
    }
    shown = "select array(select current_setting(name) from unnest($1::text[]) name)"
    writer = (await open_journal())._connections[0]
    method, *_ = await writer.run(lambda one: one.fetchval(shown, list(wanted)))
    assert method == ("lz4" if "lz4" in offered else "pglz")
    await writer.close()
    monkeypatch.setattr(writer, "_session", wanted)
    assert await writer.persist(lambda one: one.fetchval(shown, list(wanted))) == [
        "pglz",
        "force_custom_plan",
        "off",
    ]


# What another client of the same server connection left, as a pooler in transaction mode hands it on.
_LEFT = """
do $$ begin
    for number in 1..4000 loop
        execute format('prepare __asyncpg_stmt_%s__ as select 1', to_hex(number));
    end loop;
end $$
"""


@pytest.fixture
def pooled(monkeypatch):
    """Give every new connection the prepared statements of another client.

    asyncpg numbers its statements by one counter of the process: it starts anew here, as the tests before
    this one may have used more names than the other client left.
    """
    monkeypatch.setattr(asyncpg.connection, "_uid", 0)
    connect = asyncpg.connect

    async def shared(*arguments, **named):
        connection = await connect(*arguments, **named)
        await connection.execute(_LEFT)
        return connection

    monkeypatch.setattr(asyncpg, "connect", shared)


async def test_a_pooler_in_transaction_mode_is_named_by_commands(settings, pooled):
    with pytest.raises(ActFailed, match=r"pooler in transaction or statement mode.*pool_mode = session"):
        await show_submission(settings, "s-1")


async def test_a_worker_waits_and_names_the_pooler(settings, pooled, caplog):
    journal = PostgresJournal(settings, f"w-{uuid.uuid4().hex}", SystemClock())
    start = asyncio.create_task(journal.start())

    async def why():
        return journal.why

    try:
        await eventually(why, lambda told: "pool_mode = session" in told)
    finally:
        start.cancel()
        await asyncio.gather(start, return_exceptions=True)
        await journal.close()
    assert "pool_mode = session" in caplog.text


@pytest.mark.parametrize("name", ["pgbouncer", "foo"])
async def test_a_parameter_that_the_server_does_not_know_is_named(settings, name):
    address = settings.connection_string()
    asked = settings.model_copy(update={"dsn": type(settings.dsn)(f"{address}&{name}=true")})
    with pytest.raises(ActFailed, match=f"check its parameter {name}[.]$"):
        await show_submission(asked, "s-1")
