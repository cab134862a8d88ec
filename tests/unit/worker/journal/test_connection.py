"""A server that ends a connection right after its opening is an outage, whatever the driver says."""

from __future__ import annotations

import asyncpg
import pytest

from worker.journal.connection import connect
from worker.journal.errors import JournalUnavailable
from worker.journal.settings import JournalSettings


class Opened:
    """A connection of the driver that was opened, and whose first statement fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.terminated = False

    async def execute(self, *_args, **_options):
        raise self._error

    def terminate(self):
        self.terminated = True


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionResetError(),
    ],
)
async def test_it_is_an_outage_and_the_connection_is_dropped(error, monkeypatch):
    opened = Opened(error)

    async def opening(*_args, **_options):
        return opened

    monkeypatch.setattr(asyncpg, "connect", opening)

    with pytest.raises(JournalUnavailable):
        await connect(JournalSettings(dsn="postgresql://db.invalid/herald"), "test", statement_seconds=1)
    assert opened.terminated
