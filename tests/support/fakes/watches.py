"""Places to look at in memory, which the lookers of several workers share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.support.fakes.notifications import MemoryNotifications, NotificationStore
from worker.inbound.looking.ports import Look, LookOver, Standing
from worker.inbound.ports import Kept
from worker.pipeline.ports import JournalOutage, Notification, Owner


@dataclass(slots=True)
class Place:
    """What is held of one place."""

    cursor: str | None = None
    due: float = 0.0
    hastened: bool = False
    epoch: int = 0
    claimed_by: str | None = None
    claimed_until: float = float("-inf")
    taken_at: float = float("-inf")
    failures: int = 0
    reason: str | None = None
    seen_at: float = 0.0


class MemoryWatches:
    """One worker's view. While ``down``, every method raises JournalOutage; nothing is kept then."""

    def __init__(self, store: NotificationStore, places: dict[str, Place], me: str = "worker-1") -> None:
        self._notifications = MemoryNotifications(store, me)
        self._clock = store.clock
        self.places = places
        self._me = me
        self.down = False

    async def declare(self, system: str, watches: Collection[str]) -> None:
        for name in self._there(watches):
            self.places.setdefault(name, Place(due=self._now, seen_at=self._now))

    async def take(self, system: str, watches: Collection[str], most: int, seconds: float) -> Sequence[Look]:
        known = [name for name in self._there(watches) if name in self.places]
        free = [name for name in known if self.places[name].due <= self._now]
        free = [name for name in free if self.places[name].claimed_until < self._now]
        found = []
        for name in sorted(free, key=lambda one: self.places[one].due)[:most]:
            place = self.places[name]
            place.claimed_by, place.claimed_until = self._me, self._now + seconds
            place.epoch, place.hastened, place.taken_at = place.epoch + 1, False, self._now
            found.append(Look(system, name, place.epoch, place.cursor, place.failures))
        return found

    async def saw(
        self, look: Look, found: Sequence[Notification], cursor: str | None, *, delay: float, hastened: float
    ) -> Sequence[Kept]:
        place = self._held(look)
        place.cursor, place.failures, place.reason, place.seen_at = cursor, 0, None, self._now
        self._give_back(place, min(delay, hastened) if place.hastened else delay)
        return [await self._notifications.keep(one) for one in found]

    async def failed(
        self, look: Look, found: Sequence[Notification], reason: str, *, delay: float
    ) -> Sequence[Kept]:
        place = self._held(look)
        place.failures, place.reason = place.failures + 1, reason
        self._give_back(place, delay)
        return [await self._notifications.keep(one) for one in found]

    async def put_off(self, look: Look, delay: float) -> None:
        with suppress(LookOver):
            self._give_back(self._held(look), delay)

    async def look_soon(self, system: str, watches: Collection[str], *, least: float) -> None:
        for name in self._there(watches):
            place = self.places.setdefault(name, Place(due=self._now))
            if not place.hastened:
                place.hastened = True
                soon = max(self._now, place.taken_at + least)
                place.due = place.due if place.failures else min(place.due, soon)

    async def standing(self, system: str, watches: Collection[str]) -> Sequence[Standing]:
        there = [(name, self.places[name]) for name in self._there(watches) if name in self.places]
        return [Standing(name, self._now - one.seen_at, one.failures, one.reason) for name, one in there]

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        return await self._notifications.owner_of(system, reference)

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _there(self, names: Collection[str]) -> Collection[str]:
        if self.down:
            raise JournalOutage("down")
        return names

    def _held(self, look: Look) -> Place:
        place = self.places[next(iter(self._there([look.watch])))]
        if (place.claimed_by, place.epoch) != (self._me, look.epoch):
            raise LookOver
        return place

    def _give_back(self, place: Place, delay: float) -> None:
        place.claimed_by, place.claimed_until, place.due = None, float("-inf"), self._now + delay
