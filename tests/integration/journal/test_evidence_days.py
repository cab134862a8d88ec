"""The partitions of the evidence: who makes them, who may, and that nobody reads or locks other days than his own."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from tests.support.postgres.evidence import DAY, make_day, places
from tests.support.postgres.journal import SOURCE, received, request, sending
from worker.admin.queries import show
from worker.journal import migrate
from worker.journal.commands import Receive, Send
from worker.journal.evidence_days import AHEAD, days, dropping, prepare
from worker.journal.stated_sql import ALREADY_EXISTS, stated_of
from worker.journal.transaction import write
from worker.pipeline.ports import Schedule

LOCKED = """
select c.relname from pg_locks l join pg_class c on c.oid = l.relation
where l.pid = pg_backend_pid() and c.relkind = 'r' and c.relname like 'evidence\\_%' order by 1
"""
TIMES = 8
"""More executions than after which the server may plan a statement without its values, for all days: once it tries how
dear that would be, which the sixth execution of a read shows."""


async def test_the_migration_makes_the_days_until_a_worker_makes_more(connection):
    found = await days(connection)
    assert found == [found[0] + timedelta(days=n) for n in range(AHEAD + 1)]
    assert abs(found[0] - datetime.now(UTC).date()) <= timedelta(days=1)


async def test_missing_days_are_made_once(connection, journal_dsn):
    other = await asyncpg.connect(journal_dsn)
    assert await asyncio.gather(*(prepare(one, DAY) for one in (connection, other))) == [None, None]
    await other.close()
    assert (await days(connection))[: AHEAD + 1] == [DAY + timedelta(days=n) for n in range(AHEAD + 1)]
    assert await prepare(connection, DAY + timedelta(days=2)) is None
    assert (await days(connection))[AHEAD + 2] == DAY + timedelta(days=AHEAD + 2)


async def test_a_row_without_its_day_is_kept_and_that_day_is_left_alone(journal, connection):
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    assert await prepare(connection, DAY) is None
    assert DAY not in await days(connection)
    assert await places(connection) == {"evidence_default": 1}
    (detail,) = await show(connection, "s-1")
    assert detail.attempts[0].request == sending().request


async def test_a_transaction_that_reads_for_long_postpones_it_and_keeps_no_worker(
    journal, connection, journal_dsn
):
    reader = await asyncpg.connect(journal_dsn)
    async with reader.transaction():
        await reader.fetch("select from evidence")
        began = time.monotonic()
        making = asyncio.create_task(prepare(connection, DAY))
        claimed = await journal.claim(request())
        await journal.sending(claimed.ticket, sending(), in_doubt=True)
        assert "tomorrow's evidence has no partition" in str(await making)
        assert time.monotonic() - began < 10
    await reader.close()
    assert await prepare(connection, DAY) is None


@pytest.fixture
async def worker_role(empty_dsn, monkeypatch):
    """A role that had the rights of a worker before the migration, and one that might only read."""
    known = migrate.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrations", lambda: known[:7])
        await migrate.migrate(empty_dsn)
    owner = await asyncpg.connect(empty_dsn)
    await owner.execute(
        "create role its_worker login;"
        " grant select, insert, update, delete on all tables in schema public to its_worker;"
        " create role its_reader login; grant select on all tables in schema public to its_reader"
    )
    await migrate.migrate(empty_dsn)
    yield empty_dsn.replace("postgres@", "{}@")
    await owner.execute("drop owned by its_worker, its_reader; drop role its_worker, its_reader")
    await owner.close()


async def test_a_role_that_owns_nothing_makes_and_drops_days(worker_role):
    connection = await asyncpg.connect(worker_role.format("its_worker"))
    assert await prepare(connection, DAY) is None
    row = "insert into evidence (at, source, id, message_id, kind) values ($1, 's', 'i', 'm', 'request')"
    await connection.execute(row, datetime(2026, 3, 1, 12, tzinfo=UTC))
    async with dropping(connection, DAY):
        await connection.execute("insert into evidence_kept select * from evidence")
    assert await places(connection) == {"evidence_kept": 1}
    assert await connection.fetchval("select day from evidence_drops") == DAY
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("drop table evidence_20260302")
    await connection.close()


async def test_a_role_that_may_only_read_drops_nothing(worker_role):
    connection = await asyncpg.connect(worker_role.format("its_reader"))
    await connection.fetch("select from evidence, evidence_kept, evidence_drops")
    for name in ("make", "lock", "drop"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"select {name}_evidence_day('2026-03-01')")
    await connection.close()


async def test_the_functions_use_the_journals_tables_whatever_the_caller_calls_so(connection):
    await connection.execute("create temp table evidence_default (at timestamptz)")
    await connection.execute("insert into evidence_default values ('2026-03-01 12:00Z')")
    await connection.execute("set search_path = pg_temp")
    assert await connection.fetchval("select public.make_evidence_day($1)", DAY)
    assert await connection.fetchval("select to_regclass('public.evidence_20260301')") is not None


async def test_a_day_that_is_not_over_is_never_dropped(connection):
    today = (await days(connection))[-1]
    with pytest.raises(asyncpg.RaiseError, match="is not over"):
        async with dropping(connection, today):
            pass
    assert today in await days(connection)


async def test_what_goes_wrong_before_the_drop_leaves_everything(journal, connection):
    await make_day(connection)
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with dropping(connection, DAY):
            await connection.execute("insert into evidence_kept select * from evidence; select 1 / 0")
    assert await places(connection) == {"evidence_20260301": 1}
    assert await connection.fetchval("select count(*) from evidence_drops") == 0


async def test_a_step_and_a_look_touch_the_day_of_the_attempt_alone(journal, connection):
    await make_day(connection, date(2026, 1, 1), 120)
    claimed = await journal.claim(request())
    send = Send(claimed.ticket, sending(), in_doubt=True)
    end = Receive(claimed.ticket, received(outcome="alreadyexists"), in_doubt=True, schedule=Schedule())
    for command in (send, end):
        for _ in range(TIMES):
            async with connection.transaction():
                assert await write(connection, "worker-1", [command]) == [None]
                assert await locked(connection) == {"evidence_20260301"}
    claims, looks = [], []
    for _ in range(TIMES):
        async with connection.transaction():
            stated = await stated_of(connection, [(SOURCE, "s-1")], ALREADY_EXISTS)
            assert stated[SOURCE, "s-1"].answer == received().body
            claims.append(await locked(connection))
    assert claims.count({"evidence_20260301", "evidence_kept"}) == TIMES
    for _ in range(TIMES):
        async with connection.transaction():
            (detail,) = await show(connection, "s-1")
            assert detail.attempts[0].answer == received().body
            looks.append(await locked(connection))
    assert looks.count({"evidence_20260301", "evidence_kept", "evidence_drops"}) >= TIMES - 1


async def locked(connection):
    return {row["relname"] for row in await connection.fetch(LOCKED)}
