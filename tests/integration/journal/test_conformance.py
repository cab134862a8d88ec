"""The journal on PostgreSQL keeps to the port; the fake of the engine's tests is held to the same suite."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.journal.claims import ClaimConformance
from tests.support.journal.replays import ReplayConformance
from tests.support.journal.steps import StepConformance
from tests.support.journal.waits import WaitConformance
from tests.support.postgres.fixtures import OpenJournal
from worker.journal.claims import LetterState
from worker.journal.postgres import PostgresJournal

LAPSE = "update workers set lease_until = clock_timestamp() - interval '1 second' where owner = $1"


class PostgresWorld:
    """Journals over one database. Their leases are renewed by the tests alone."""

    def __init__(self, open_journal: OpenJournal, connection: asyncpg.Connection) -> None:
        self._open_journal = open_journal
        self._connection = connection
        self._journals: dict[str, PostgresJournal] = {}

    async def open(self, owner: str) -> PostgresJournal:
        journal = await self._open_journal(owner)
        renewing = next(task for task, name in journal._tasks._tasks.items() if name == "journal lease")
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        self._journals[owner] = journal
        return journal

    async def lapse(self, owner: str) -> None:
        await self._connection.execute(LAPSE, owner)
        self._journals[owner]._lease._until = float("-inf")

    async def renew(self, owner: str) -> None:
        assert await self._journals[owner]._lease._renewed()

    async def mark(self, letter_id: str, state: LetterState) -> None:
        await self._connection.execute("update dead_letters set state = $2 where id = $1", letter_id, state)

    async def detail_kept(self, letter_id: str) -> str:
        detail: str = await self._connection.fetchval(
            "select detail from dead_letters where id = $1", letter_id
        )
        return detail

    async def notices_kept(self) -> list[tuple[str, str, str | None]]:
        rows = await self._connection.fetch("select * from notifications order by received_at, id")
        return [(row["id"], row["event_value"].decode(), row["submission_id"]) for row in rows]


@pytest.fixture
async def world(open_journal: OpenJournal, connection: asyncpg.Connection) -> PostgresWorld:
    return PostgresWorld(open_journal, connection)


class TestClaims(ClaimConformance):
    """What a claim finds."""


class TestSteps(StepConformance):
    """The steps of whoever holds a ticket."""


class TestReplays(ReplayConformance):
    """What an ordered replay opens."""


class TestWaits(WaitConformance):
    """What waits for an answer that comes later."""
