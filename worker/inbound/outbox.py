"""Publishes what is kept: after a call, and what a call, a crash or an outage left unpublished.

One task does all of it. A call only waits until its notifications are noted as published, whoever published them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from worker.cancelling import cancel
from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from worker.inbound.ports import Backlog, Notifications, Publisher, Unpublished
    from worker.pipeline.ports import Clock, Name

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Notifications that are handed to Kafka at the same time; the others wait in the journal."""
LEASE = 30.0
"""Seconds for which a notification is this receiver's; after a crash another one waits for as long."""
LOOK = 0.5
"""Seconds between looks for what others published, while a call waits."""
IDLE = 2.0
"""Seconds between looks for what is unpublished."""
BACKLOG = 15.0
"""Seconds between two counts of what is unpublished."""


class Outbox:
    """`run` must be running in a task for anything to be published."""

    def __init__(self, notifications: Notifications, publisher: Publisher, clock: Clock) -> None:
        self._notifications = notifications
        self._publisher = publisher
        self._clock = clock
        self._wake = asyncio.Event()
        self._waiters: dict[Name, set[asyncio.Future[None]]] = defaultdict(set)
        self._in_flight: dict[Name, asyncio.Task[None]] = {}
        self._acknowledged: set[Name] = set()
        self._turns: WeakValueDictionary[tuple[str, bytes | None], asyncio.Lock] = WeakValueDictionary()
        self._extended = self._counted = float("-inf")
        self.backlog: Mapping[str, Backlog] | None = None
        """What was unpublished when it was counted last; None while nobody could count."""

    async def until_published(self, names: Collection[Name]) -> None:
        """Return when all of these are noted as published."""
        futures = {name: asyncio.get_running_loop().create_future() for name in names}
        for name, future in futures.items():
            self._waiters[name].add(future)
        self._wake.set()
        try:
            await asyncio.gather(*futures.values())
        finally:
            for name, future in futures.items():
                self._forget(name, future)

    def wake(self) -> None:
        """Look for what is unpublished at once."""
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._round()
            except JournalOutage:
                log.debug("notifications wait: the journal is unavailable")
                self.backlog = None
            except Exception as error:  # noqa: BLE001 - a fault of one round must not keep all later calls waiting
                log.error(  # noqa: TRY400 - the text may quote data
                    "a round of publishing notifications failed", extra={"error": type(error).__name__}
                )
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK if self._waiters else IDLE):
                    await self._wake.wait()

    async def close(self, seconds: float) -> None:
        """Let what is in flight end, for at most so long; give back the rest. `run` must have ended."""
        if self._in_flight:
            await asyncio.wait(self._in_flight.values(), timeout=seconds)
        left = dict(self._in_flight)
        await cancel(left.values())
        with suppress(JournalOutage, TimeoutError):
            async with asyncio.timeout(seconds):
                await self._note()
                if left := {name: one for name, one in left.items() if name not in self._acknowledged}:
                    await self._notifications.release(left)

    async def _round(self) -> None:
        """Note, claim and publish what there is; end the waiting of calls."""
        await self._note()
        await self._extend()
        room = AT_ONCE - len(self._in_flight) - len(self._acknowledged)
        for one in await self._notifications.take(room, LEASE) if room > 0 else ():
            self._publish(one)
        await self._look_for_others()
        await self._count()

    def _publish(self, one: Unpublished) -> None:
        """Begin to publish it, unless it is on its way: a claim may have run out meanwhile."""
        if one.name in self._in_flight or one.name in self._acknowledged:
            return
        task = asyncio.create_task(self._published(one), name="notification")
        self._in_flight[one.name] = task
        task.add_done_callback(lambda task: self._ended(one.name, task))

    async def _published(self, one: Unpublished) -> None:
        """Publish one, after those before it with the same key: they keep the order in which they were received."""
        place = one.event.topic, one.event.key
        turn = self._turns.get(place)
        if turn is None:
            turn = self._turns[place] = asyncio.Lock()
        async with turn:
            await self._publisher.publish(one.event)
        self._acknowledged.add(one.name)

    def _ended(self, name: Name, task: asyncio.Task[None]) -> None:
        """Go on; one that failed is taken again when its claim has run out."""
        self._in_flight.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a notification was not published", extra={"error": type(error).__name__})
        self._wake.set()

    async def _note(self) -> None:
        """Note what Kafka acknowledged. Until that is noted, nobody is told."""
        if names := set(self._acknowledged):
            await self._notifications.note_published(names)
            self._acknowledged -= names
            self._tell(names)

    async def _extend(self) -> None:
        now = self._clock.monotonic()
        if self._in_flight and now - self._extended >= LEASE / 3:
            await self._notifications.extend(list(self._in_flight), LEASE)
            self._extended = now

    async def _look_for_others(self) -> None:
        """Find what other receivers published of what calls wait for here."""
        elsewhere = [
            name for name in self._waiters if name not in self._in_flight and name not in self._acknowledged
        ]
        if elsewhere:
            self._tell(await self._notifications.published_of(elsewhere))

    async def _count(self) -> None:
        now = self._clock.monotonic()
        if now - self._counted >= BACKLOG or self.backlog is None:
            self.backlog = await self._notifications.backlog()
            self._counted = now

    def _tell(self, names: Collection[Name]) -> None:
        for name in names:
            for future in self._waiters.get(name, ()):
                if not future.done():
                    future.set_result(None)

    def _forget(self, name: Name, future: asyncio.Future[None]) -> None:
        future.cancel()
        self._waiters[name].discard(future)
        if not self._waiters[name]:
            del self._waiters[name]
