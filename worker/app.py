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
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.admin.code_lists import scheduled_pulls
from worker.admin.scheduled_retention import ScheduledRetention
from worker.admin.topic_retention import why_not_forget
from worker.changing_files import ChangingFiles, stamps_before
from worker.clock import SystemClock
from worker.composition import BuiltSystem, build_systems, make_runner
from worker.journal.errors import EncryptionNotReady, JournalUnavailable, SchemaOutdated
from worker.journal.intake_stops import IntakeStops
from worker.journal.postgres import PostgresJournal
from worker.journal.read_positions import PostgresReadPositions
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.kafka.clients import make_producer
from worker.kafka.errors import connecting
from worker.kafka.refusals import explained
from worker.kafka.replies import ReplyPublisher
from worker.kafka.rights import Operation
from worker.measuring.metrics import Metrics
from worker.observability.health import HealthProbes, HealthWarning, Kind
from worker.observability.heartbeat import Heartbeat
from worker.observability.tasks import EndlessTasks
from worker.observability.tracing.building import build_tracing
from worker.pipeline.ports import JournalOutage
from worker.signing.registry import load_signers
from worker.startup import NotYet, Stopped, Waiting
from worker.systems.port import TellsUnusableSigners

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from worker.journal.code_lists import CachedCodeLists
    from worker.observability.health import Check
    from worker.settings.model import Settings
    from worker.system_runner import SystemRunner

log = logging.getLogger(__name__)

_JOURNAL = "the journal's database"

REFRESH = 60.0
"""Seconds between checks for newer code lists."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the runners of all systems have in common."""

    journal: PostgresJournal
    replies: ReplyPublisher
    stops: IntakeStops
    positions: PostgresReadPositions


class Worker:
    """One worker process. `run` returns after `stop` was set and everything was closed."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        """Build everything that needs no connection. Raises ConfigurationError with all problems of the settings."""
        self._settings = settings
        self._stop = stop
        self._clock = SystemClock()
        self._metrics = Metrics(settings, self._clock)
        before = stamps_before(settings)
        refused = RefusedSecretsJournal(settings.journal, self._clock)
        self._signers = load_signers(
            settings.signers, clock=self._clock.now, signing=settings.signing, refused=refused.of
        )
        self._systems = build_systems(settings, self._clock, self._signers, meter_of=self._metrics.meter_of)
        systems = [built.system for built in self._systems]
        self._metrics.watch_signers(self._signers, systems)
        self._files = ChangingFiles(
            settings, self._signers, systems, self._clock, before=before, ended=self._metrics.reloads()
        )
        self._metrics.watch_reloads(self._files.reloader)
        # Different for every start: a worker that starts again must not count as the owner of its earlier claims.
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._tracing = build_tracing(settings.tracing, self._owner)
        if self._tracing is not None:
            self._metrics.watch_traces(self._tracing)
        self._waiting = Waiting(stop)
        self._tasks = EndlessTasks()
        self._opening: PostgresJournal | None = None
        self._outdated = False
        self.health = HealthProbes(settings.health.host, settings.health.port)

    async def run(self) -> None:
        """Serve until asked to stop. Raises OSError where the probes' port is taken, JournalFault."""
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
            self.health.add_warnings("files", self._files.reloader.warnings)
            self._files.start(self._tasks, stack)
            self._tasks.start("heartbeat", Heartbeat(self._metrics.loop_late).run())
            self.health.add_liveness("tasks", self._unless_stopping(self._tasks.dead))
            try:
                await self._start(stack)
            except* Stopped:
                pass
            if self._stop.is_set():
                return
            self._waiting.what = None
            log.info("ready", extra={"owner": self._owner})
            await self._stop.wait()
            self._waiting.what = "stopping"
            log.info("stopping: finishing exchanges in flight, releasing the other submissions")

    async def _start(self, stack: AsyncExitStack) -> None:
        journal = await self._waiting.until(_JOURNAL, self._open_journal)
        stack.push_async_callback(journal.close)
        self.health.add_liveness("journal", self._unless_stopping(journal.dead))
        self.health.add_readiness("journal", lambda: None if journal.available else journal.why)
        replies = ReplyPublisher(partial(make_producer, self._settings.kafka))
        await self._waiting.until("Kafka, for replies", partial(_with_kafka, partial(_connect, replies)))
        stack.push_async_callback(replies.stop)
        self.health.add_readiness("replies", lambda: replies.failing)
        stops = IntakeStops(self._settings.journal, self._clock)
        stack.push_async_callback(stops.close)
        positions = PostgresReadPositions(self._settings.journal, self._clock)
        stack.push_async_callback(positions.close)
        self._prune(stack)
        shared = _Shared(journal, replies, stops, positions)
        self._metrics.watch_shared(journal, replies)
        self._tasks.start("metrics", self._metrics.run())
        self._waiting.what = None
        # All at once: a system that is unavailable must not keep the others waiting.
        async with asyncio.TaskGroup() as starts:
            for built in self._systems:
                waiting = Waiting(self._stop)
                self.health.add_readiness(f"{built.system.name} start", partial(_waits_for, waiting))
                starts.create_task(self._serve(built, waiting, shared, stack))

    def _prune(self, stack: AsyncExitStack) -> None:
        """Start pruning, where the settings want it."""
        if not self._settings.journal.retention.enabled:
            return
        retention = ScheduledRetention(
            self._settings.journal, self._clock, partial(why_not_forget, self._settings)
        )
        self.health.add_warnings("retention", partial(_retention_warnings, retention))
        stack.push_async_callback(retention.close)
        self._metrics.watch_retention(retention)
        self._tasks.start("retention", retention.run())

    def _pull(self, runner: SystemRunner, stack: AsyncExitStack) -> None:
        """Start keeping the system's code lists fresh, where the settings want it."""
        name = runner.system.name
        pulls = scheduled_pulls(
            self._settings,
            name,
            self._clock,
            keys=self._signers.keys,
            held_back=lambda: runner.breakers.open_reason,
            random=Random(),  # noqa: S311  # spreads pulls, guards no secret
            counter_of=self._metrics.pulls_of,
        )
        if pulls is not None:
            self.health.add_warnings(f"{name} nomenclatures", pulls.warnings)
            stack.push_async_callback(pulls.close)
            self._tasks.start(f"{name} nomenclatures", pulls.run())

    async def _serve(
        self, built: BuiltSystem, waiting: Waiting, shared: _Shared, stack: AsyncExitStack
    ) -> None:
        """Start what serves one system."""
        system, lists = built.system, built.code_lists
        await waiting.until("the cached code lists", partial(_load_lists, lists))
        stack.push_async_callback(system.close)
        replies = shared.replies
        runner = make_runner(
            self._settings,
            system,
            shared.journal,
            replies,
            stops=shared.stops,
            positions=shared.positions,
            clock=self._clock,
            meter=self._metrics.meter_of(system.name),
            tracer=self._tracing.tracer if self._tracing else None,
        )
        stack.push_async_callback(runner.breakers.close)
        runner.breakers.start()
        await waiting.until(
            "Kafka, for replies", partial(_with_kafka, partial(_all_there, replies, runner.routing.written))
        )
        await waiting.until("whether intake is stopped", partial(_look, runner))
        await waiting.until(
            f"Kafka, for {', '.join(runner.routing.submissions)}", partial(_with_kafka, runner.intake.start)
        )
        stack.push_async_callback(runner.intake.stop)
        name = system.name
        self._tasks.start(f"{name} code lists", self._refresh(lists))
        self._tasks.start(f"{name} flood guard", runner.flood.run())
        self._tasks.start(f"{name} read positions", runner.resets.run())
        self._pull(runner, stack)
        # At the end they stop before the intake does: during the drain nothing else may change.
        stack.push_async_callback(self._tasks.end)
        self._watch(runner)
        waiting.what = None
        log.info("serving", extra={"system": system.name})

    def _watch(self, runner: SystemRunner) -> None:
        name = runner.system.name
        self._metrics.watch_runner(runner)
        self.health.add_liveness(f"{name} intake", self._unless_stopping(runner.dead))
        self.health.add_readiness(f"{name} partitions", lambda: runner.unable)
        self.health.add_warnings(name, runner.warnings)

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

    async def _refresh(self, lists: CachedCodeLists) -> None:
        while True:
            await self._clock.sleep(REFRESH)
            try:
                await lists.refresh()
            except JournalUnavailable:
                log.info(
                    "code lists not refreshed: the journal is unavailable; the lists in memory stay in use"
                )
            except Exception:  # the next refresh may work; a task that ended would never refresh again
                log.exception("code lists not refreshed")


def _retention_warnings(retention: ScheduledRetention) -> Iterable[HealthWarning]:
    return [HealthWarning(Kind.RETENTION, "journal", retention.problem)] if retention.problem else []


def _waits_for(waiting: Waiting) -> str | None:
    return waiting.what


async def _with_kafka(attempt: Callable[[], Awaitable[None]]) -> None:
    try:
        await attempt()
    except (KafkaError, OSError) as error:
        raise NotYet(explained(error, Operation.READ)) from None


async def _connect(replies: ReplyPublisher) -> None:
    with connecting():  # the first connection: its error says what is wrong with addresses, TLS and the login
        await replies.start()


async def _all_there(replies: ReplyPublisher, topics: tuple[str, ...]) -> None:
    """Check that every reply can be published: one that cannot would keep its patient's later events waiting."""
    if missing := await replies.missing(topics):
        raise NotYet("; ".join(why if topic in why else f"{topic}: {why}" for topic, why in missing.items()))


async def _load_lists(lists: CachedCodeLists) -> None:
    try:
        await lists.refresh()
    except JournalUnavailable as error:
        raise NotYet(str(error)) from None


async def _look(runner: SystemRunner) -> None:
    """Learn of a stop in the journal before the first record comes."""
    try:
        await runner.flood.look()
    except JournalOutage as error:
        raise NotYet(str(error)) from None
