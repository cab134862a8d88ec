"""An update of Herald under way: the database of the version before is migrated, and its workers and commands go on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.support.postgres import version_0001 as before
from tests.support.postgres.journal import AT, RealClock, request, sending
from worker.admin.audit_log import entries_of, newest_entries, record
from worker.admin.errors import ActFailed
from worker.admin.intake import list_stops
from worker.admin.queries import dead_letter_event, show
from worker.journal import code_lists, migrate
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Busy, Claimed, Finished, State

TABLES = ("workers", "submissions", "attempts", "dead_letters", "intake_stops", "code_lists", "code_entries")

ADDED = {
    "submissions": {
        "record_timestamp": None,
        "record_topic_id": None,
        "meaning_hash": None,
        "progress": None,
        "forgotten": False,
    },
    "attempts": {"step": None},
    "dead_letters": {"origin_topic_id": None, "published": False, "key_digest": None},
    "workers": {"reads_encrypted": False},
    "intake_stops": {"reasons": "{}"},
}
"""The columns that later migrations added, as they are in rows of the version before."""


@pytest.fixture
def first_only(monkeypatch):
    """Be the version before: it knows the first migration alone."""
    known = migrate.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrations", lambda: known[:1])
        yield patch


@pytest.fixture
async def old(empty_dsn, first_only):
    """A database of the version before, with what it had written, then migrated; and a connection to it."""
    await migrate.migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute(before.ROWS)
    rows = await contents(connection, *TABLES, "acts")
    first_only.undo()
    assert [one.name for one in await migrate.migrate(empty_dsn)] == [
        "0002_audit_log",
        "0003_intake_losses",
        "0004_answered_records",
        "0005_stops_of_senders",
        "0006_topic_ids_and_meanings",
        "0007_encryption",
        "0008_evidence_by_day",
        "0009_refused_secrets",
        "0010_waiting",
        "0011_notifications",
        "0012_accepted_secrets",
        "0013_steps",
        "0014_files",
        "0015_watches",
        "0016_unaccepted",
        "0017_fill_factor",
        "0018_fewer_indexes",
        "0019_byte_order",
    ]
    yield connection, rows
    await connection.close()


async def contents(connection, *tables):
    return {
        table: [dict(row) for row in await connection.fetch(f"select * from {table} order by 1, 2")]  # noqa: S608
        for table in tables
    }


async def test_everything_is_still_there(old, empty_dsn):
    connection, rows = old
    await migrate.check(connection)
    there = await contents(connection, *TABLES)
    for row, added in ((row, added) for name, added in ADDED.items() for row in there[name]):
        assert {column: row.pop(column) for column in added} == added
    assert there == {name: rows[name] for name in TABLES}
    assert (await contents(connection, "audit_log"))["audit_log"] == rows["acts"]
    journal = JournalSettings(dsn=empty_dsn)
    resumed, replayed = await newest_entries(journal)
    assert (resumed.act, resumed.system, resumed.dead_letter_id) == ("resume-intake", "nhis", None)
    assert await entries_of(connection, "d-1") == [replayed]
    assert (await dead_letter_event(connection, "d-1")).value == b"<event/>"
    (accepted,) = await show(connection, "accepted")
    assert accepted.reply.headers == (("ce_id", b"r-1"), ("odd", b"\x00"))
    assert [one.system for one in await list_stops(journal)] == ["erx"]
    assert set(await code_lists.load(connection, "nhis")) == {"CL037"}


async def test_the_commands_of_the_version_before_go_on_recording(old):
    connection, _ = old
    await connection.execute(before.RECORD, "nurse", "discard", "doubled", ["d-1"], json.dumps({}))
    await connection.execute(before.RECORD_RESUMED, "operator", "mended", "erx", json.dumps({"n": 1}))
    await record(connection, ["d-1"], who="nurse", act="settle", reason="found")

    found = [
        tuple(row) for row in await connection.fetch("select id, act, system, who from audit_log order by id")
    ]
    assert found[2:] == [
        (3, "discard", "nhis", "nurse"),
        (4, "resume-intake", "erx", "operator"),
        (5, "settle", "nhis", "nurse"),
    ]
    read = await connection.fetch(before.ACTS_OF, "d-1")
    assert [row["act"] for row in read] == ["replay", "discard", "settle"]
    assert datetime.now(UTC) - read[-1]["at"] < timedelta(minutes=1)


@pytest.mark.parametrize("statement", ["update {} set who = 'nobody'", "delete from {}"])
@pytest.mark.parametrize("name", ["acts", "audit_log"])
async def test_neither_name_lets_anybody_change_what_was_done(old, statement, name):
    connection, _ = old
    with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
        await connection.execute(statement.format(name))


async def test_who_was_granted_the_table_may_use_it_by_both_names(empty_dsn, first_only):
    await migrate.migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute(
        "create role operators; grant usage on schema public to operators; grant select, insert on acts to operators;"
        " grant select on dead_letters to operators"
    )
    first_only.undo()
    await migrate.migrate(empty_dsn)
    try:
        await connection.execute("set role operators")
        for name in ("acts", "audit_log"):
            await connection.execute(
                f"insert into {name} (who, act, system, details) values ('a', 'b', 'nhis', '{{}}')"  # noqa: S608
            )
            assert await connection.fetchval(f"select count(*) from {name}") > 0  # noqa: S608
    finally:
        await connection.execute("reset role; drop owned by operators; drop role operators")
        await connection.close()


async def test_the_statements_of_a_worker_of_the_version_before_go_on(old):
    connection, _ = old
    asked = request("new")
    columns = (
        asked.source, asked.id, asked.type, asked.system, asked.operation, asked.signer, asked.identity,
        asked.content_hash, asked.key_digest, *astuple(asked.place)[:3], asked.received_at,
    )  # fmt: skip
    made = await connection.fetch(before.CLAIM, "old-worker", *[[one] for one in columns])
    key = ([asked.source], [asked.id])
    (locked,) = await connection.fetch(before.LOCK, *key)
    (lease,) = await connection.fetch(before.LEASES, ["old-worker"])
    (taken,) = await connection.fetch(before.TAKE_OVER, "old-worker", *key)
    sent = await connection.fetch(before.SENDING, "old-worker", *key, [2], [True], [1], [AT])
    reply = (["results"], [b"key"], ["[]"], [b"{}"], [None])
    ended = await connection.fetch(before.FINISH, "old-worker", *key, [2], ["accepted"], *reply, [AT])

    assert [row["id"] for row in made] == ["new"]
    assert (locked["state"], lease["lease_left"] > 0, taken["epoch"]) == ("claimed", True, 2)
    assert len(sent) == len(ended) == 1


async def test_a_worker_of_the_version_before_starts_on_the_newer_tables(old, empty_dsn, monkeypatch):
    known = migrate.migrations()
    monkeypatch.setattr(migrate, "migrations", lambda: known[:1])
    journal = await PostgresJournal.open(JournalSettings(dsn=empty_dsn), "old-worker-2", RealClock())
    try:
        claimed = await journal.claim(request("new"))
        await journal.sending(claimed.ticket, sending(), in_doubt=True)
    finally:
        await journal.close(1)


async def test_workers_of_both_versions_share_what_is_in_hand(old, empty_dsn):
    connection, _ = old
    journal = await PostgresJournal.open(JournalSettings(dsn=empty_dsn), "new-worker", RealClock())
    changes = {"source": "urn:his", "identity": "lrn-1", "content_hash": b"\x01"}
    try:
        assert isinstance(await journal.claim(request("in-hand", **changes)), Busy)
        finished = await journal.claim(request("accepted", **{**changes, "content_hash": b"\x02"}))
        assert isinstance(finished, Finished)
        assert (finished.state, finished.answered) == (State.ACCEPTED, True)
        await connection.execute("update workers set lease_until = clock_timestamp()")
        await asyncio.sleep(0)
        taken = await journal.claim(request("in-hand", **changes))
    finally:
        await journal.close(1)
    assert isinstance(taken, Claimed)
    assert (taken.ticket.epoch, taken.in_doubt) == (2, True)


async def test_a_worker_goes_on_while_a_migration_changes_a_column_that_it_reads(journal_dsn):
    """One submission at a time: in a group of several, each would be written singly after the first error."""
    journal = await PostgresJournal.open(JournalSettings(dsn=journal_dsn), "worker", RealClock())
    connection = await asyncpg.connect(journal_dsn)
    try:
        before_it = await journal.claim(request("before"))
        for column in ("source", "id", "identity"):
            await connection.execute(f'alter table submissions alter {column} type text collate "default"')
        after_it = await journal.claim(request("after"))
        await journal.sending(after_it.ticket, sending(), in_doubt=True)
    finally:
        await connection.close()
        await journal.close(1)
    assert isinstance(before_it, Claimed)
    assert isinstance(after_it, Claimed)


async def test_a_newer_command_says_what_older_tables_lack(empty_dsn, first_only):
    await migrate.migrate(empty_dsn)
    with pytest.raises(ActFailed, match="run `herald journal migrate`"):
        await newest_entries(JournalSettings(dsn=empty_dsn))
