"""Notifications in memory, which several receivers share, and a Kafka that acknowledges when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tests.support.fakes.ports import FakeClock
from worker.inbound.ports import Backlog, Kept, Unpublished
from worker.pipeline.ports import Event, JournalOutage, Name, Notification, Owner


@dataclass(slots=True)
class Row:
    """What is held of one notification."""

    notification: Notification
    at: float
    claimed_by: str | None = None
    claimed_until: float = float("-inf")
    published: bool = False


class NotificationStore:
    """The table that receivers share."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.rows: dict[Name, Row] = {}
        self.owners: dict[Name, Owner] = {}
        self.log: list[str] = []


class MemoryNotifications:
    """One receiver's view of the store. While ``down``, every method raises JournalOutage."""

    def __init__(self, store: NotificationStore, me: str = "receiver-1") -> None:
        self._store = store
        self._me = me
        self.down = False

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        self._check()
        return self._store.owners.get((system, reference))

    async def keep(self, notification: Notification) -> Kept:
        self._check()
        row = self._store.rows.get(notification.name)
        if row is None:
            self._store.rows[notification.name] = Row(notification, self._store.clock.monotonic())
            self._store.log.append(f"kept {notification.id}")
            return Kept(added=True, same=True, published=False)
        same = row.notification.content_hash == notification.content_hash
        return Kept(added=False, same=same, published=row.published)

    async def take(self, most: int, seconds: float) -> Sequence[Unpublished]:
        self._check()
        now = self._store.clock.monotonic()
        free = [(name, row) for name, row in self._store.rows.items() if not row.published]
        taken = [(name, row) for name, row in free if row.claimed_until < now][:most]
        for _, row in taken:
            row.claimed_by, row.claimed_until = self._me, now + seconds
        return [Unpublished(name, row.notification.event) for name, row in taken]

    async def extend(self, names: Collection[Name], seconds: float) -> None:
        self._check()
        for row in self._mine(names):
            row.claimed_until = self._store.clock.monotonic() + seconds

    async def release(self, names: Collection[Name]) -> None:
        self._check()
        for row in self._mine(names):
            row.claimed_by, row.claimed_until = None, float("-inf")

    async def note_published(self, names: Collection[Name]) -> None:
        self._check()
        for name in names:
            self._store.rows[name].published = True
            self._store.log.append(f"noted {name[1]}")

    async def published_of(self, names: Collection[Name]) -> Collection[Name]:
        self._check()
        return {name for name in names if self._store.rows[name].published}

    async def backlog(self) -> Mapping[str, Backlog]:
        self._check()
        waiting = [(name, row) for name, row in self._store.rows.items() if not row.published]
        now = self._store.clock.monotonic()
        return {
            system: Backlog(len(ages), max(ages))
            for system in {name[0] for name, _ in waiting}
            if (ages := [now - row.at for name, row in waiting if name[0] == system])
        }

    def _mine(self, names: Collection[Name]) -> list[Row]:
        return [self._store.rows[name] for name in names if self._store.rows[name].claimed_by == self._me]

    def _check(self) -> None:
        if self.down:
            raise JournalOutage("down")


class FakeKafka:
    """Acknowledges each event at once, or none while ``down``; ``got`` has what it acknowledged, in order."""

    def __init__(self, log: list[str] | None = None) -> None:
        self.got: list[Event] = []
        self.handed = 0
        self._up = asyncio.Event()
        self._up.set()
        self._log = log if log is not None else []

    def down(self) -> None:
        self._up.clear()

    def up(self) -> None:
        self._up.set()

    async def publish(self, event: Event) -> None:
        self.handed += 1
        await self._up.wait()
        self.got.append(event)
        self._log.append(f"published {dict(event.headers)['ce_id'].decode()}")
