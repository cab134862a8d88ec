"""Publishing notifications in this process: one outbox for what calls, looks and accepted answers state."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from worker.cancelling import cancel
from worker.composition.looking import LookParts, has_places
from worker.inbound.outbox import Outbox
from worker.journal.errors import EncryptionNotReady, SchemaOutdated
from worker.journal.notifications import PostgresNotifications
from worker.journal.watches import PostgresWatches
from worker.measuring.looking import LookCounts
from worker.measuring.receiver import OutboxReadings
from worker.observability.health import HealthWarning, Kind
from worker.pipeline.ports import JournalOutage
from worker.start_attempts import find_topics, with_kafka
from worker.startup import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from contextlib import AsyncExitStack

    from worker.kafka.replies import ReplyPublisher
    from worker.observability.health import Check, HealthProbes
    from worker.observability.metrics.instruments import Instruments
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.startup import Waiting
    from worker.systems.port import System

STOP_SECONDS = 10.0
"""How long a stop waits for what was handed to Kafka."""
LATE = 300.0
"""Age in seconds of an unpublished notification from which the readiness probe warns."""


class Notifying:
    """The outbox of this process. ``topics`` are those of the systems whose notifications it publishes, by system."""

    def __init__(
        self,
        settings: Settings,
        topics: Mapping[str, str],
        *,
        me: str,
        clock: Clock,
        replies: ReplyPublisher,
        instruments: Instruments,
    ) -> None:
        self.outdated = False
        """Whether the journal lacks migrations."""
        self._topics = tuple(dict.fromkeys(topic for topic in topics.values() if topic))
        self._replies = replies
        self.notifications = PostgresNotifications(settings.journal, me, list(topics), clock)
        self.watches = PostgresWatches(self.notifications)
        self.outbox = Outbox(self.notifications, replies, clock)
        self.looking = LookParts(self.watches, self.outbox.wake, partial(LookCounts, instruments))
        """What the lookers of this process need."""
        instruments.read(OutboxReadings(self.outbox, list(topics)))

    async def start(
        self,
        waiting: Waiting,
        health: HealthProbes,
        stack: AsyncExitStack,
        *,
        unless_stopping: Callable[[Check], Check],
    ) -> None:
        """Publish as soon as the journal and Kafka can be used. Raises Stopped where the process stops first."""
        stack.push_async_callback(self.notifications.close)
        await waiting.until("the journal's database, for notifications", self._check_journal)
        await waiting.until(
            "Kafka, for notifications", partial(with_kafka, partial(find_topics, self._replies, self._topics))
        )
        stack.push_async_callback(self.outbox.close, STOP_SECONDS)
        publishing = asyncio.create_task(self.outbox.run(), name="notifications")
        stack.push_async_callback(cancel, [publishing])
        health.add_liveness("notifications", unless_stopping(partial(_ended, publishing)))
        health.add_warnings("notifications", self._warnings)

    async def _check_journal(self) -> None:
        try:
            await self.notifications.check()
        except (SchemaOutdated, EncryptionNotReady, JournalOutage) as error:
            self.outdated = isinstance(error, SchemaOutdated)
            raise NotYet(str(error)) from None
        self.outdated = False

    def _warnings(self) -> Iterator[HealthWarning]:
        for name, found in (self.outbox.backlog or {}).items():
            if found.age >= LATE:
                told = f"{found.count} notifications wait to be published, the oldest for {found.age:.0f} s"
                yield HealthWarning(Kind.UNPUBLISHED, name, told)


def topics_of_workers(settings: Settings, systems: Collection[System]) -> dict[str, str]:
    """Return the topics of notifications that the workers of these systems publish, by the notifications' system.

    A system with places to look at is there even if no contract says so: what its looks find then ends as a defect.
    """
    found = {name: topic for system in systems for name, topic in settings.routing_of(system.name).news}
    looked_at = (system.name for system in systems if has_places(system))
    return found | {
        name: settings.routing_of(name).notifications or "" for name in looked_at if name not in found
    }


def _ended(task: asyncio.Task[None]) -> str | None:
    return "publishing of notifications has ended" if task.done() else None
