"""Fixtures: journals on a fresh database, and a connection beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.support.postgres.journal import RealClock
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings

OpenJournal: TypeAlias = Callable[..., Awaitable[PostgresJournal]]


@pytest.fixture
def settings(journal_dsn: str) -> JournalSettings:
    """Settings of the fresh database."""
    return JournalSettings(dsn=journal_dsn)


@pytest.fixture
async def open_journal(journal_dsn: str) -> AsyncIterator[OpenJournal]:
    """Open a journal as another worker process would; closed at the end."""
    opened: list[PostgresJournal] = []

    async def open_one(owner: str = "worker-1", **values: Any) -> PostgresJournal:
        given = JournalSettings(**({"dsn": journal_dsn} | values))
        journal = await PostgresJournal.open(given, owner, RealClock())
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        await journal.close(1)


@pytest.fixture
async def journal(open_journal: OpenJournal) -> PostgresJournal:
    """One journal with the usual settings."""
    return await open_journal()


@pytest.fixture
async def connection(journal_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the journal's, to read and to change rows."""
    connection = await asyncpg.connect(journal_dsn)
    yield connection
    await connection.close()
