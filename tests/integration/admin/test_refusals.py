"""A real PostgreSQL that refuses: every command says so in a sentence, with what to do."""

from __future__ import annotations

import pytest

from tests.support.cli.commands import beside, settings_file

COMMANDS = [
    ("dead-letters", "list", "--json"),
    ("dead-letters", "summary"),
    ("dead-letters", "show", "5f0c", "--event"),
    ("dead-letters", "replay", "--all"),
    ("dead-letters", "discard", "--all", "--reason", "r"),
    ("dead-letters", "settle", "5f0c", "--as", "not-sent", "--reason", "r"),
    ("submissions", "list"),
    ("submissions", "show", "s-1"),
    ("intake", "status"),
    ("intake", "resume"),
    ("journal", "prune", "--evidence-days", "9"),
    ("status",),
]


async def refused(tmp_path, dsn, words):
    """Run every command on this database; each must end with these words."""
    run = beside(settings_file(tmp_path, dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    for command in COMMANDS:
        done = await run(*command)
        assert (done.code, words in done.err, done.err.count("Traceback")) == (1, True, 0), (command, done)


async def test_a_database_without_tables(empty_dsn, tmp_path):
    await refused(tmp_path, empty_dsn, "herald journal migrate")


async def test_a_database_that_does_not_exist(empty_dsn, tmp_path):
    name = empty_dsn.partition("?")[0].rpartition("/")[2]
    await refused(tmp_path, empty_dsn.replace(name, "absent"), 'database "absent" does not exist')


async def test_a_user_without_rights(journal_dsn, tmp_path, connection):
    role = f"reader_{journal_dsn.partition('?')[0].rpartition('/')[2]}"
    await connection.execute(f"create role {role} login")
    try:
        await refused(tmp_path, journal_dsn.replace("postgres@", f"{role}@"), "permission denied for table")
    finally:
        await connection.execute(f"drop role {role}")


@pytest.mark.parametrize("text", ["\udcff", "\x00"])
async def test_what_the_database_cannot_hold_is_searched_for(journal_dsn, tmp_path, text):
    run = beside(settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    for option in ("--text", "--source", "--signer"):
        done = await run("dead-letters", "list", option, text)
        assert (done.code, done.err.count("Traceback")) == (1, 0), done
