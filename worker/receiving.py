"""Receiving the calls of national systems: the parts of a receiver are started, watched and stopped in order."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from worker.composition.receiver import build_receiver, callers, served
from worker.configuration_error import ConfigurationError
from worker.journal.errors import EncryptionNotReady, SchemaOutdated
from worker.journal.notifications import PostgresNotifications
from worker.measuring.receiver import OutboxReadings, ReceiverCounts
from worker.observability.health import HealthWarning, Kind
from worker.pipeline.ports import JournalOutage
from worker.start_attempts import find_topics, with_kafka
from worker.startup import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AsyncExitStack

    from worker.composition.files import BuiltFiles
    from worker.inbound.settings import ReceiverSettings
    from worker.kafka.replies import ReplyPublisher
    from worker.observability.health import Check, HealthProbes
    from worker.observability.metrics.instruments import Instruments
    from worker.pipeline.ports import Clock
    from worker.reloading.reloadable import Reloadable
    from worker.settings.model import Settings
    from worker.startup import Waiting
    from worker.systems.port import System

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""How long a stop waits for the calls in progress, and then for what was handed to Kafka."""
LATE = 300.0
"""Age in seconds of an unpublished notification from which the readiness probe warns."""


class Receiving:
    """The receiver in this process. `reloadables` are to be looked at by the process's reloader."""

    def __init__(
        self,
        settings: Settings,
        receiver: ReceiverSettings,
        systems: Collection[System],
        *,
        me: str,
        clock: Clock,
        replies: ReplyPublisher,
        instruments: Instruments,
        files: BuiltFiles | None = None,
    ) -> None:
        """Build everything that needs no connection. Raises ConfigurationError."""
        self.outdated = False
        """Whether the journal lacks migrations."""
        self._receiver = receiver
        self._replies = replies
        largest = int(settings.kafka.max_reply_bytes)
        found = callers(receiver, systems, lambda name: settings.routing_of(name).notifications, largest)
        self._topics = tuple(dict.fromkeys(one.topic for one in found.values() if one.topic))
        self._notifications = PostgresNotifications(settings.journal, me, list(found), clock)
        self._built = build_receiver(
            receiver,
            found,
            self._notifications,
            replies,
            hasten=self._notifications.hasten,
            clock=clock,
            meter=ReceiverCounts(instruments, list(found)),
            files=files.serving(receiver) if files else None,
        )
        instruments.read(OutboxReadings(self._built.outbox, list(found)))

    @property
    def reloadables(self) -> Sequence[Reloadable]:
        """What is loaded again when its files change: the paths' secrets and the certificate."""
        return self._built.reloadables

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens."""
        return self._built.server.address

    async def listen(self, stack: AsyncExitStack) -> None:
        """Answer calls from now on, with 503 until `start` has ended. Raises ConfigurationError."""
        try:
            await self._built.server.start(self._receiver.host, self._receiver.port, self._built.tls)
        except OSError as error:
            where = f"{self._receiver.host}, port {self._receiver.port}"
            raise ConfigurationError(f"receiver: cannot listen at {where}: {error.strerror}") from None
        stack.push_async_callback(self._built.server.stop, STOP_SECONDS)
        host, port = self.address
        log.info("listening for calls at %s, port %d", host, port)

    async def start(
        self,
        waiting: Waiting,
        health: HealthProbes,
        stack: AsyncExitStack,
        *,
        unless_stopping: Callable[[Check], Check],
    ) -> None:
        """Take calls as soon as the journal and Kafka can be used. Raises Stopped where the process stops first."""
        outbox = self._built.outbox
        stack.push_async_callback(self._notifications.close)
        await waiting.until("the journal's database, for notifications", self._check_journal)
        await waiting.until(
            "Kafka, for notifications", partial(with_kafka, partial(find_topics, self._replies, self._topics))
        )
        stack.push_async_callback(outbox.close, STOP_SECONDS)
        publishing = asyncio.create_task(outbox.run(), name="notifications")
        stack.push_async_callback(_end, publishing)
        # Calls in progress need the outbox: no new ones come from here on, and those have ended before it does.
        stack.push_async_callback(self._built.server.stop, STOP_SECONDS)
        ended = partial(_ended, publishing)
        health.add_liveness("notifications", unless_stopping(ended))
        health.add_warnings("receiver", self._warnings)
        self._built.taking.waits_for = waiting.what = None
        log.info("receiving calls")

    async def _check_journal(self) -> None:
        try:
            await self._notifications.check()
        except (SchemaOutdated, EncryptionNotReady, JournalOutage) as error:
            self.outdated = isinstance(error, SchemaOutdated)
            raise NotYet(str(error)) from None
        self.outdated = False

    def _warnings(self) -> Iterator[HealthWarning]:
        for name, found in (self._built.outbox.backlog or {}).items():
            if found.age >= LATE:
                told = f"{found.count} notifications wait to be published, the oldest for {found.age:.0f} s"
                yield HealthWarning(Kind.UNPUBLISHED, name, told)


def receiving_in_worker(settings: Settings, systems: Collection[System], **parts: Any) -> Receiving | None:
    """Return the receiver of a worker's own, where the settings want one in it; ``parts`` as for `Receiving`."""
    receiver = served(settings)
    return Receiving(settings, receiver, systems, **parts) if receiver and receiver.in_worker else None


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _ended(task: asyncio.Task[None]) -> str | None:
    return "publishing of notifications has ended" if task.done() else None
