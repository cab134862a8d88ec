"""File stores on a fresh database."""

from __future__ import annotations

import pytest

from tests.support.files.stores import FILES
from tests.support.postgres.fixtures import connection, journal, open_journal, settings
from tests.support.postgres.journal import RealClock
from worker.files.building import build_file_store
from worker.files.settings import FilesSettings
from worker.journal.settings import JournalSettings

__all__ = ["connection", "journal", "open_journal", "settings"]


@pytest.fixture
async def stores(journal_dsn):
    """Make stores on the same database; values of the section `files` by name."""
    made = []

    def make(journal_settings=None, **files):
        settings = journal_settings or JournalSettings(dsn=journal_dsn)
        made.append(build_file_store(FilesSettings(**(FILES | files)), settings, RealClock()))
        return made[-1]

    yield make
    for one in made:
        await one.close()
