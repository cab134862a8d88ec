"""The checks of the journal, each with the fault that it is for, on a real PostgreSQL."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.support.kafka.cluster import free_ports
from worker.admin.preflight import runner
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.journal import JournalChecks
from worker.journal.inspection import FUNCTIONS, RIGHTS, clock_facts
from worker.journal.migrate import migrate, migrations
from worker.journal.settings import JournalSettings

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


async def checked(dsn, *, test=True, seconds=10.0):
    """Run all checks; return verdicts by id, and the results."""
    given = JournalSettings(dsn=dsn, connect_seconds=5)
    checks = JournalChecks(given, test=test, seconds=seconds / 2, now=lambda: datetime.now(UTC))
    results = await runner.run(checks.all(), seconds=seconds)
    return {one.id: one for one in results}


def verdicts(found):
    return {name.removeprefix("journal."): one.verdict for name, one in found.items()}


async def altered(dsn, statement):
    """Change a setting of the database, for new sessions."""
    database = dsn.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"alter database {database} {statement}")
    await connection.close()


async def test_a_migrated_database_is_well(journal_dsn):
    found = verdicts(await checked(journal_dsn))
    assert found.pop("disk") == SKIPPED
    assert found.pop("durability") == WARN  # the tests' server runs without fsync
    assert set(found.values()) == {OK}


async def test_fsync_off_breaks_the_promise_unless_the_installation_is_a_test_one(journal_dsn):
    broken = (await checked(journal_dsn, test=False))["journal.durability"]
    assert (broken.verdict, "fsync" in broken.detail) == (FAIL, True)


async def test_a_database_without_tables(empty_dsn):
    found = (await checked(empty_dsn))["journal.migrations"]
    assert found.verdict == FAIL
    assert migrations()[0].name in found.detail
    assert "herald journal migrate" in found.next_step


async def test_tables_of_an_earlier_version_of_a_later_one_and_of_another_build(journal_dsn, connection):
    last = migrations()[-1]
    await connection.execute("delete from schema_versions where version = $1", last.version)
    assert (await checked(journal_dsn))["journal.migrations"].verdict == FAIL
    await connection.execute(
        "insert into schema_versions (version, name, checksum) values ($1, $2, $3), (99, '0099_later', 'x')",
        last.version,
        last.name,
        last.checksum,
    )
    later = (await checked(journal_dsn))["journal.migrations"]
    assert (later.verdict, "0099" in later.detail) == (WARN, True)
    await connection.execute("update schema_versions set checksum = 'other' where version = 1")
    changed = (await checked(journal_dsn))["journal.migrations"]
    assert (changed.verdict, "different build" in changed.detail) == (FAIL, True)


async def test_a_server_that_takes_no_writes(journal_dsn):
    await altered(journal_dsn, "set default_transaction_read_only = on")
    assert (await checked(journal_dsn))["journal.writable"].verdict == FAIL


async def test_synchronous_commit_is_that_of_the_server_and_not_of_heralds_session(journal_dsn):
    await altered(journal_dsn, "set synchronous_commit = off")
    assert (await checks_of(JournalSettings(dsn=journal_dsn))._server()).synchronous_commit == "off"


async def test_a_role_without_rights(journal_dsn, connection):
    await connection.execute("create role reader login")
    try:
        await connection.execute("grant select on all tables in schema public to reader")
        await connection.execute("grant select, insert, update, delete on submissions to reader")
        given = JournalSettings(dsn=journal_dsn.replace("postgres@", "reader@"))
        checks = JournalChecks(given, test=True, seconds=5, now=lambda: datetime.now(UTC))
        results = await runner.run(checks.all(), seconds=10)
        lacking = {one.subject: one.detail for one in results if one.id == "journal.rights"}
        functions = {f"function {name}" for name in FUNCTIONS}
        only_read = {"schema_versions", "evidence_drops", "secret_digest_key"}
        assert set(lacking) == set(RIGHTS) - {"submissions"} - only_read | functions
        assert lacking["function drop_evidence_day(date)"] == "this role lacks EXECUTE"
        assert "DELETE, INSERT, UPDATE" in lacking["workers"]
        assert {one.verdict for one in results if one.id == "journal.rights"} == {FAIL}
        # The same role with a limit of connections that leaves too few.
        await connection.execute("alter role reader connection limit 3")
        limited = {one.id: one for one in await runner.run(checks_of(given).all(), seconds=10)}
        assert limited["journal.connections"].verdict == FAIL
    finally:
        await connection.execute("drop owned by reader; drop role reader")


def checks_of(given):
    return JournalChecks(given, test=True, seconds=5, now=lambda: datetime.now(UTC))


async def test_the_table_of_rights_names_every_table(empty_dsn):
    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    rows = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and relname !~ '^evidence_[0-9]{8}$'"
    )
    made = await connection.fetch("select oid::regprocedure::text as name from pg_proc where prosecdef")
    await connection.close()
    assert {row["relname"] for row in rows} == set(RIGHTS)
    assert {row["name"] for row in made} == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://nobody@127.0.0.1:{port}/herald", "cannot be reached"),
        ("postgresql://nobody@no-such-host.invalid/herald", "cannot be reached"),
        ("postgresql://nobody@127.0.0.1/herald?sslmode=nonsense", "sslmode"),
    ],
)
async def test_an_address_that_does_not_work_is_one_failure(address, words):
    found = await checked(address.format(port=free_ports(1)[0]))
    assert found["journal.connect"].verdict == FAIL
    assert words in found["journal.connect"].detail
    assert "journal.connect failed" in found["journal.version"].detail
    assert {one.verdict for name, one in found.items() if name != "journal.connect"} == {SKIPPED}


async def test_a_server_that_never_answers_is_one_failure_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and nothing more
        port = silent.getsockname()[1]
        found = await checked(f"postgresql://nobody@127.0.0.1:{port}/herald", seconds=2)
    assert (found["journal.connect"].verdict, found["journal.version"].verdict) == (FAIL, SKIPPED)
    assert "in time" in found["journal.connect"].detail


async def test_the_servers_clock_is_compared_with_this_machines(connection):
    ahead = timedelta(hours=1)
    facts = await clock_facts(connection, lambda: datetime.now(UTC) + ahead)
    assert facts.server.tzinfo is not None
    assert abs(facts.before - ahead - facts.server) < timedelta(seconds=30)
