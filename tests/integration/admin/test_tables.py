"""The tables, as an operator's command or console brings them up to date."""

from __future__ import annotations

import pytest

from worker.admin.errors import ActFailed, WrongConfiguration
from worker.admin.tables import migrate_journal
from worker.journal.settings import JournalSettings


async def test_what_was_applied_is_reported_once(empty_dsn):
    journal = JournalSettings(dsn=empty_dsn)
    applied = await migrate_journal(journal)
    assert [name.partition("_")[0] for name in applied[:2]] == ["0001", "0002"]
    assert await migrate_journal(journal) == ()


async def test_an_absent_database_and_a_wrong_address_are_reported_as_sentences(tmp_path):
    with pytest.raises(
        ActFailed,
        match=r"^The journal's database cannot be used: PostgreSQL cannot be reached .*check that it runs",
    ):
        await migrate_journal(JournalSettings(dsn=f"postgresql:///x?host={tmp_path}"))
    (tmp_path / "dsn").write_text("mysql://secret-word@x")
    with pytest.raises(WrongConfiguration, match=r"^journal: the address cannot be used \(ValueError\)$"):
        await migrate_journal(JournalSettings(dsn_file=tmp_path / "dsn"))


async def test_a_wrong_parameter_of_the_address_is_named(empty_dsn):
    with pytest.raises(WrongConfiguration, match=r"ClientConfigurationError\): check its parameter sslmode$"):
        await migrate_journal(JournalSettings(dsn=f"{empty_dsn}&sslmode=secret-word"))
    with pytest.raises(ActFailed, match=r"SQLSTATE 42704, .*: check its parameter pgbouncer[.]$"):
        await migrate_journal(JournalSettings(dsn=f"{empty_dsn}&pgbouncer=true"))
