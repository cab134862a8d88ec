"""A look into the journal ends, also where the network loses what it asks, and the farewell."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.chaos.egov.collect import waiting_now
from tests.chaos.journal_looks import look_into
from tests.support.postgres.proxy import PgProxy


async def test_a_question_that_is_lost(journal_dsn, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.chaos.egov.collect.PATIENCE", 0.5)
    proxy = PgProxy(Path(journal_dsn.partition("host=")[2]))
    async with proxy.listening(tmp_path):
        dsn = f"{journal_dsn.partition('?')[0]}?host={tmp_path}"
        async with asyncio.timeout(10):
            assert await waiting_now(dsn) == set()
            proxy.hang = True
            assert await waiting_now(dsn) == set()


async def test_a_farewell_that_is_lost(journal_dsn, tmp_path):
    proxy = PgProxy(Path(journal_dsn.partition("host=")[2]))
    dsn = f"{journal_dsn.partition('?')[0]}?host={tmp_path}"
    async with proxy.listening(tmp_path), asyncio.timeout(10), look_into(dsn) as connection:
        assert await connection.fetchval("select 1") == 1
        proxy.hang = True
