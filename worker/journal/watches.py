"""The places at which workers look, in the journal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.inbound.looking.ports import Look, LookOver, Standing
from worker.journal import watch_sql as sql
from worker.journal.errors import CannotDecrypt
from worker.journal.keeping_notifications import keep_found
from worker.journal.sealed_notifications import opened_cursor, sealed_cursor

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import asyncpg

    from worker.inbound.ports import Kept
    from worker.journal.notifications import PostgresNotifications
    from worker.pipeline.ports import Notification, Owner

_log = logging.getLogger(__name__)


class PostgresWatches:
    """Implements `inbound.looking.ports.Watches` on PostgreSQL, over the connection of the notifications."""

    def __init__(self, notifications: PostgresNotifications) -> None:
        self._notifications = notifications
        self._run = notifications.connection.run
        self._vault = notifications.vault
        self._me = notifications.me

    async def declare(self, system: str, watches: Collection[str]) -> None:
        """Know these places; those that are new are due now."""
        await self._run(lambda c: c.execute(sql.DECLARE, system, list(watches)))

    async def take(self, system: str, watches: Collection[str], most: int, seconds: float) -> Sequence[Look]:
        """Take places that are due."""
        rows = await self._run(lambda c: c.fetch(sql.TAKE, self._me, seconds, system, list(watches), most))
        return [self._look(system, row) for row in rows]

    async def saw(
        self, look: Look, found: Sequence[Notification], cursor: str | None, *, delay: float, hastened: float
    ) -> Sequence[Kept]:
        """Keep what was found and the cursor, and give the place back. Raises LookOver."""
        sealed = sealed_cursor(self._vault, look.system, look.watch, cursor)

        async def write(connection: asyncpg.Connection) -> list[Kept]:
            async with connection.transaction():
                if not await connection.fetchval(sql.SAW, *self._held(look), sealed, delay, hastened):
                    raise LookOver
                return await keep_found(connection, self._vault, found)

        return await self._run(write)

    async def failed(
        self, look: Look, found: Sequence[Notification], reason: str, *, delay: float
    ) -> Sequence[Kept]:
        """Count a failed look. Raises LookOver."""

        async def write(connection: asyncpg.Connection) -> list[Kept]:
            async with connection.transaction():
                if not await connection.fetchval(sql.FAILED, *self._held(look), reason, delay):
                    raise LookOver
                return await keep_found(connection, self._vault, found)

        return await self._run(write)

    async def put_off(self, look: Look, delay: float) -> None:
        """Give the place back without a look that counts."""
        await self._run(lambda c: c.execute(sql.PUT_OFF, *self._held(look), delay))

    async def look_soon(self, system: str, watches: Collection[str], *, least: float) -> None:
        """Let these be due soon."""
        await self._run(lambda c: c.execute(sql.LOOK_SOON, system, list(watches), least))

    async def standing(self, system: str, watches: Collection[str]) -> Sequence[Standing]:
        """Return how looking at these places goes."""
        rows = await self._run(lambda c: c.fetch(sql.STANDING, system, list(watches)))
        return [Standing(row["name"], max(row["age"], 0.0), row["failures"], row["reason"]) for row in rows]

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        """Return the submission that the system calls so."""
        return await self._notifications.owner_of(system, reference)

    def _held(self, look: Look) -> tuple[str, str, str, int]:
        return look.system, look.watch, self._me, look.epoch

    def _look(self, system: str, row: asyncpg.Record) -> Look:
        name, cursor, unreadable = row["name"], None, None
        try:
            cursor = opened_cursor(self._vault, system, name, row["cursor"])
        except CannotDecrypt as error:
            unreadable = str(error)
            _log.error("the cursor of a place to look at cannot be read", extra={"system": system})
        return Look(system, name, row["epoch"], cursor, row["failures"], unreadable)
