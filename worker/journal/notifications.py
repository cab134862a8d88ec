"""Notifications in the journal, as receivers keep and publish them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.inbound.ports import Backlog, Kept, Unpublished
from worker.journal import encryption_keys, migrate
from worker.journal import notification_sql as sql
from worker.journal.connection import read_vault
from worker.journal.encoding import event_of, storable
from worker.journal.errors import CannotDecrypt
from worker.journal.keeping_notifications import row_of
from worker.journal.referred_files import note_referred
from worker.journal.sealed_notifications import opened_event
from worker.journal.sealed_values import opened_reply
from worker.journal.taking_turns import TurnsConnection
from worker.journal.waiting_sql import hasten
from worker.pipeline.ports import Event, Name, Owner

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock, Notification

_log = logging.getLogger(__name__)

_RNU = "ce_rnu"


class PostgresNotifications:
    """Implements `inbound.ports.Notifications` on PostgreSQL, over a connection of its own.

    ``me`` is unique to this start of the process; ``systems`` are those whose notifications it publishes. Besides what
    the port says, a method raises JournalFault where the database refuses for good.
    """

    def __init__(self, settings: JournalSettings, me: str, systems: Collection[str], clock: Clock) -> None:
        self.vault = read_vault(settings)
        self.connection = TurnsConnection(settings, "notifications", clock)
        self.me = me
        self._systems = list(systems)

    async def check(self) -> None:
        """Check the tables and the keys before anything else.

        Raises SchemaOutdated, EncryptionNotReady, JournalOutage.
        """
        await self.connection.run(migrate.check)
        await self.connection.run(lambda c: encryption_keys.prepare(c, self.vault))

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        """Return the submission that the system calls so."""
        row = await self.connection.run(lambda c: c.fetchrow(sql.OWNER, system, storable(reference)))
        return None if row is None else self._owner(row)

    async def keep(self, notification: Notification) -> Kept:
        """Keep it, unless one of this name is kept."""
        row = row_of(self.vault, notification)

        async def keep(connection: asyncpg.Connection) -> Kept | None:
            async with connection.transaction():
                if await connection.fetchval(sql.KEEP, *row):
                    await note_referred(connection, notification.files)
                    return Kept(added=True, same=True, published=False)
            kept = await connection.fetchrow(sql.KEPT, *notification.name, notification.content_hash)
            return None if kept is None else Kept(added=False, **kept)

        while (kept := await self.connection.run(keep)) is None:
            pass  # forgotten between the two statements, years after it came: it is as new
        return kept

    async def take(self, most: int, seconds: float) -> Sequence[Unpublished]:
        """Claim unpublished notifications, the oldest first."""
        rows = await self.connection.run(lambda c: c.fetch(sql.TAKE, self.me, seconds, self._systems, most))
        found = map(self._unpublished, sorted(rows, key=lambda row: (row["received_at"], row["id"])))
        return [one for one in found if one is not None]

    async def extend(self, names: Collection[Name], seconds: float) -> None:
        """Claim these for longer."""
        await self.connection.run(lambda c: c.execute(sql.EXTEND, self.me, seconds, *_columns(names)))

    async def release(self, names: Collection[Name]) -> None:
        """Give these back."""
        await self.connection.run(lambda c: c.execute(sql.RELEASE, self.me, *_columns(names)))

    async def note_published(self, names: Collection[Name]) -> None:
        """Note that Kafka acknowledged these."""
        await self.connection.run(lambda c: c.execute(sql.NOTE_PUBLISHED, *_columns(names)))

    async def published_of(self, names: Collection[Name]) -> Collection[Name]:
        """Return those of these that Kafka has acknowledged."""
        rows = await self.connection.run(lambda c: c.fetch(sql.PUBLISHED_OF, *_columns(names)))
        return {(row["system"], row["id"]) for row in rows}

    async def backlog(self) -> Mapping[str, Backlog]:
        """Return what is unpublished, by system."""
        rows = await self.connection.run(lambda c: c.fetch(sql.BACKLOG, self._systems))
        return {row["system"]: Backlog(row["count"], max(row["age"], 0.0)) for row in rows}

    async def hasten(self, system: str, ready: str) -> bool:
        """Have the submission that waits for this asked for soon; whether any does."""
        return await self.connection.run(lambda c: hasten(c, system, ready))

    async def close(self) -> None:
        """Close the connection."""
        await self.connection.close()

    def _unpublished(self, row: asyncpg.Record) -> Unpublished | None:
        """Return what is to be published; None where it cannot be decrypted, which must not keep the others."""
        name = row["system"], row["id"]
        stored = event_of(row["event_topic"], row["event_key"], row["event_headers"], row["event_value"])
        try:
            return Unpublished(name, opened_event(self.vault, *name, stored))
        except CannotDecrypt as error:
            _log.error("a notification cannot be published", extra={"system": name[0], "detail": str(error)})
            return None

    def _owner(self, row: asyncpg.Record) -> Owner:
        reply = Event("", row["reply_key"], None, ())
        key = opened_reply(self.vault, row["source"], row["id"], reply).key
        headers = event_of("", None, row["reply_headers"] or "[]", None).headers
        rnu = dict(headers).get(_RNU)
        return Owner(row["source"], row["id"], key, None if rnu is None else rnu.decode(errors="replace"))


def _columns(names: Collection[Name]) -> list[list[str]]:
    return [[system for system, _ in names], [event_id for _, event_id in names]]
