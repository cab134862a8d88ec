"""The worker: everything built from the settings, started in order, and stopped in the opposite one.

Nothing imports this but the command `herald worker`. The worker waits for what is unavailable at the start (the
journal's database, Kafka), and the readiness probe says for what. It waits for no national system: a probe only warns.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from worker import garbage, interpreter_lock
from worker.admin.loaded_signers import loaded_signers
from worker.admin.scheduled_retention import ScheduledRetention
from worker.admin.topic_retention import why_not_forget
from worker.changing_files import ChangingFiles, files_before
from worker.clock import SystemClock
from worker.composition.files import build_files
from worker.composition.receiver import served
from worker.composition.systems import build_systems
from worker.journal.errors import EncryptionNotReady, SchemaOutdated
from worker.journal.intake_stops import IntakeStops
from worker.journal.postgres import PostgresJournal
from worker.journal.read_positions import PostgresReadPositions
from worker.kafka.clients import make_producer
from worker.kafka.replies import ReplyPublisher
from worker.measuring.files import FileReadings
from worker.measuring.metrics import Metrics
from worker.notifying import Notifying, topics_of_workers
from worker.observability.health import HealthProbes, HealthWarning, Kind
from worker.observability.heartbeat import Heartbeat
from worker.observability.tasks import EndlessTasks
from worker.observability.tracing.building import build_tracing
from worker.receiving import Receiving, callers_of
from worker.serving import Connections, Serving
from worker.start_attempts import connect, with_kafka
from worker.startup import NotYet, Stopped, Waiting
from worker.systems.dependencies import no_address
from worker.systems.port import TellsUnusableSigners

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from worker.observability.health import Check
    from worker.settings.model import Settings
    from worker.systems.port import System

log = logging.getLogger(__name__)

_JOURNAL = "the journal's database"


class Worker:
    """One worker process. `run` returns after `stop` was set and everything was closed."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        """Build everything that needs no connection. Raises ConfigurationError with all problems of the settings."""
        self._settings = settings
        self._stop = stop
        self._clock = SystemClock()
        self._metrics = Metrics(settings, self._clock)
        self._replies = ReplyPublisher(partial(make_producer, settings.kafka))
        before = files_before(settings)
        self._signers = loaded_signers(settings, self._clock)
        self._kept = build_files(settings, self._clock)
        self._systems = build_systems(
            settings,
            self._clock,
            self._signers,
            meter_of=self._metrics.meter_of,
            files=self._kept.store if self._kept else None,
            address_of=self._kept.address_of if self._kept else no_address,
        )
        self._saving = self._kept.saving if self._kept else None
        systems = [built.system for built in self._systems]
        self._metrics.watch_signers(self._signers, systems)
        # Different for every start: a worker that starts again must not count as the owner of its earlier claims.
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._notifying, self._receiving = self._stating(settings, systems)
        self._files = ChangingFiles(
            settings,
            self._signers,
            systems,
            self._clock,
            before=before,
            ended=self._metrics.reloads(),
            also=[
                *(() if self._receiving is None else self._receiving.reloadables),
                *(() if self._kept is None else self._kept.reloadables),
            ],
        )
        self._metrics.watch_reloads(self._files.reloader)
        self._tracing = build_tracing(settings.tracing, self._owner)
        if self._tracing is not None:
            self._metrics.watch_traces(self._tracing)
        self._waiting = Waiting(stop)
        self._tasks = EndlessTasks()
        self._opening: PostgresJournal | None = None
        self._outdated = False
        self.health = HealthProbes(settings.health.host, settings.health.port)

    async def run(self) -> None:
        """Serve until asked to stop. Raises OSError (the probes' port is taken), ConfigurationError, JournalFault."""
        self.health.add_readiness("start", self._starting)
        self.health.add_readiness("signers", self._unable_to_sign)
        self._metrics.serve(self.health, migrations_pending=lambda: self._outdated)
        async with AsyncExitStack() as stack:
            if self._tracing is not None:
                stack.push_async_callback(self._tracing.close)
            await self.health.start()
            stack.push_async_callback(self.health.stop)
            stack.push_async_callback(self._tasks.end)
            stack.push_async_callback(self._signers.close)
            if self._kept is not None:
                stack.push_async_callback(self._kept.store.close)
            self.health.add_warnings("files", self._files.reloader.warnings)
            self._files.start(self._tasks, stack)
            self._tasks.start("heartbeat", Heartbeat(self._metrics.loop_late).run())
            self.health.add_liveness("tasks", self._unless_stopping(self._tasks.dead))
            if self._receiving is not None:
                await self._receiving.listen(stack)
            try:
                await self._start(stack)
            except* Stopped:
                pass
            if self._stop.is_set():
                return
            self._waiting.what = None
            garbage.serve()
            interpreter_lock.serve()
            log.info("ready", extra={"owner": self._owner})
            await self._stop.wait()
            self._waiting.what = "stopping"
            log.info("stopping: finishing exchanges in flight, releasing the other submissions")

    async def _start(self, stack: AsyncExitStack) -> None:
        journal = await self._waiting.until(_JOURNAL, self._open_journal)
        stack.push_async_callback(journal.close)
        self.health.add_liveness("journal", self._unless_stopping(journal.dead))
        self.health.add_readiness("journal", lambda: None if journal.available else journal.why)
        replies = self._replies
        await self._waiting.until("Kafka, for replies", partial(with_kafka, partial(connect, replies)))
        stack.push_async_callback(replies.stop)
        self.health.add_readiness("replies", lambda: replies.failing)
        stops = IntakeStops(self._settings.journal, self._clock)
        stack.push_async_callback(stops.close)
        positions = PostgresReadPositions(self._settings.journal, self._clock)
        stack.push_async_callback(positions.close)
        self._prune(stack)
        if self._kept is not None:
            self._metrics.instruments.read(FileReadings(self._kept.counts, self._kept.collector))
            self._kept.start(self._tasks, self.health, stack)
        connections = Connections(journal, replies, stops, positions, self._saving)
        self._metrics.watch_shared(journal, replies)
        self._tasks.start("metrics", self._metrics.run())
        self._waiting.what = None
        await self._serve(connections, stack)

    async def _serve(self, connections: Connections, stack: AsyncExitStack) -> None:
        serving = Serving(
            self._settings,
            self._clock,
            self._signers,
            looking=None if self._notifying is None else self._notifying.looking,
            metrics=self._metrics,
            health=self.health,
            tasks=self._tasks,
            tracer=self._tracing.tracer if self._tracing else None,
            unless_stopping=self._unless_stopping,
        )
        # All at once: a system that is unavailable must not keep the others waiting.
        async with asyncio.TaskGroup() as starts:
            if self._receiving is not None:
                waiting = Waiting(self._stop)
                self.health.add_readiness("receiver start", partial(_waits_for, waiting))
                starts.create_task(
                    self._receiving.start(waiting, self.health, stack, unless_stopping=self._unless_stopping)
                )
            elif self._notifying is not None:
                waiting = Waiting(self._stop)
                self.health.add_readiness("notifications start", partial(_waits_for, waiting))
                starts.create_task(self._publish_notifications(self._notifying, waiting, stack))
            for built in self._systems:
                waiting = Waiting(self._stop)
                self.health.add_readiness(f"{built.system.name} start", partial(_waits_for, waiting))
                starts.create_task(serving.start(built, waiting, connections, stack))

    def _stating(
        self, settings: Settings, systems: Collection[System]
    ) -> tuple[Notifying | None, Receiving | None]:
        """Build the one outbox of this process, where it has anything to publish, and the receiver where it has one."""
        receiver = served(settings)
        receiver = receiver if receiver and receiver.in_worker else None
        found = callers_of(settings, receiver, systems) if receiver else {}
        topics = {name: one.topic for name, one in found.items()} | topics_of_workers(settings, systems)
        if not topics and receiver is None:
            return None, None
        instruments = self._metrics.instruments
        notifying = Notifying(
            settings,
            topics,
            me=self._owner,
            clock=self._clock,
            replies=self._replies,
            instruments=instruments,
        )
        if receiver is None:
            return notifying, None
        return notifying, Receiving(
            settings,
            receiver,
            found,
            notifying,
            clock=self._clock,
            instruments=instruments,
            files=self._kept,
        )

    async def _publish_notifications(
        self, notifying: Notifying, waiting: Waiting, stack: AsyncExitStack
    ) -> None:
        await notifying.start(waiting, self.health, stack, unless_stopping=self._unless_stopping)
        waiting.what = None

    def _prune(self, stack: AsyncExitStack) -> None:
        """Start making the days of evidence, and pruning where the settings want it."""
        retention = ScheduledRetention(
            self._settings.journal,
            self._clock,
            partial(why_not_forget, self._settings),
            self._settings.systems.all_configured(),
        )
        self.health.add_warnings("retention", partial(_retention_warnings, retention))
        stack.push_async_callback(retention.close)
        if self._settings.journal.retention.enabled:
            self._metrics.watch_retention(retention)
        self._tasks.start("retention", retention.run())

    def _unless_stopping(self, check: Check) -> Check:
        """During a drain the parts end one after the other, as they should."""
        return lambda: None if self._stop.is_set() else check()

    async def _open_journal(self) -> PostgresJournal:
        self._opening = journal = PostgresJournal(
            self._settings.journal, self._owner, self._clock, committed=self._metrics.committed
        )
        try:
            await journal.start()
        except (SchemaOutdated, EncryptionNotReady) as error:
            self._outdated = isinstance(error, SchemaOutdated)
            raise NotYet(str(error)) from None
        self._outdated = False
        return journal

    def _unable_to_sign(self) -> str | None:
        """Say that no system can send anything: a rollout with unusable keys stops while the earlier workers go on."""
        able = (
            built.system.can_sign()
            for built in self._systems
            if isinstance(built.system, TellsUnusableSigners)
        )
        return None if any(able) else "no signer of any system can sign: `herald check` says why"

    def _starting(self) -> str | None:
        """Say what the start waits for, and why the journal cannot be used if that is it."""
        what = self._waiting.what
        if what == _JOURNAL and self._opening is not None and self._opening.why:
            return f"{what}: {self._opening.why}"
        return what


def _retention_warnings(retention: ScheduledRetention) -> Iterable[HealthWarning]:
    return [HealthWarning(Kind.RETENTION, "journal", retention.problem)] if retention.problem else []


def _waits_for(waiting: Waiting) -> str | None:
    return waiting.what
