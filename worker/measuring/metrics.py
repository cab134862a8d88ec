"""The metrics of one worker: those that its parts count, those read at scrapes, and those read at intervals."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.admin.code_lists import checked_lists
from worker.measuring.journal import FRESH_INTERVALS, JournalFigures
from worker.measuring.looking import LookReadings
from worker.measuring.process import BuildReadings, SharedReadings, TraceReadings
from worker.measuring.reloads import ReloadReadings
from worker.measuring.retention import RetentionReadings
from worker.measuring.signers import SignerReadings
from worker.measuring.systems import RunnerReadings
from worker.observability.metrics import declared
from worker.observability.metrics.exposition import Exposition
from worker.observability.metrics.instruments import Instruments
from worker.observability.metrics.labels import PullOutcome, ReloadOutcome
from worker.observability.metrics.system_meter import SystemMeter
from worker.pipeline.meter import UNMETERED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from worker.admin.scheduled_retention import ScheduledRetention
    from worker.journal.postgres import PostgresJournal
    from worker.kafka.replies import ReplyPublisher
    from worker.observability.health import HealthProbes
    from worker.observability.tracing.building import Tracing
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock
    from worker.reloading.reloader import Reloader
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.system_runner import SystemRunner
    from worker.systems.port import System

log = logging.getLogger(__name__)

PATH = "/metrics"
ENDS_SECONDS = 5.0
"""Seconds for Kafka's answer about the ends of partitions, but at most an interval: a hidden topic takes them all."""


class Metrics:
    """Measures one worker. Where `metrics.enabled` is false, nothing is moved, read or served."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._enabled = settings.metrics.enabled
        self._interval = settings.metrics.interval
        self._clock = clock
        self.instruments = self._instruments = Instruments()
        """The counters and histograms, for what measures itself."""
        self._meters: dict[str, SystemMeter] = {}
        self._runners: list[SystemRunner] = []
        self._figures = JournalFigures(
            settings.journal,
            settings.systems.configured(),
            clock,
            interval=self._interval,
            code_lists=checked_lists(settings),
        )
        self.committed = self._instruments.histogram(declared.JOURNAL_COMMIT)
        """Takes the seconds of a transaction of the journal."""
        self.loop_late = self._instruments.histogram(declared.LOOP_DELAY)
        """Takes by how many seconds the event loop was late."""

    def meter_of(self, system: str) -> Meter:
        """Return what measures a system's submissions."""
        if not self._enabled:
            return UNMETERED
        if system not in self._meters:
            now = self._clock.now
            self._meters[system] = SystemMeter(system, self._instruments, lambda: now().timestamp())
        return self._meters[system]

    def serve(self, health: HealthProbes, *, migrations_pending: Callable[[], bool]) -> None:
        """Serve the metrics beside the probes."""
        if self._enabled:
            self._instruments.read(BuildReadings(lambda: health.is_ready, migrations_pending))
            health.add_page(PATH, Exposition(self._instruments).answer)

    def watch_signers(self, signers: Signers, systems: Collection[System]) -> None:
        """Read the signers, and count the operations of these systems by name."""
        self._instruments.read(SignerReadings(signers, systems, self._clock.now))
        for system in systems:
            if system.name in self._meters:
                self._meters[system.name].know(one.name for one in system.operations.values())

    def reloads(self) -> Callable[[ReloadOutcome], None]:
        """Return what counts reloads of changed files."""
        counts = {one: self._instruments.counter(declared.RELOADS, one.value) for one in ReloadOutcome}
        return lambda outcome: counts[outcome]()

    def watch_reloads(self, reloader: Reloader) -> None:
        """Read which changed files are not in use."""
        self._instruments.read(ReloadReadings(reloader))

    def watch_traces(self, tracing: Tracing) -> None:
        """Read how many spans were dropped."""
        self._instruments.read(TraceReadings(tracing))

    def watch_shared(self, journal: PostgresJournal, replies: ReplyPublisher) -> None:
        """Read what all systems have in common."""
        self._instruments.read(SharedReadings(journal, replies, self._figures))
        self._instruments.read(self._figures.readings)

    def watch_retention(self, retention: ScheduledRetention) -> None:
        """Read what this worker prunes."""
        self._instruments.read(RetentionReadings(retention))

    def pulls_of(self, system: str) -> Callable[[PullOutcome], None]:
        """Return what counts the pulls of a system's code lists."""
        counts = {one: self._instruments.counter(declared.PULLS, system, one.value) for one in PullOutcome}
        return lambda outcome: counts[outcome]()

    def watch_runner(self, runner: SystemRunner) -> None:
        """Read what serves a system."""
        meter = self._meters.get(runner.system.name)
        if meter is not None:
            self._runners.append(runner)
            fresh = self._interval * FRESH_INTERVALS
            self._instruments.read(RunnerReadings(runner, meter, self._clock.now, fresh=fresh))
            if runner.looker is not None:
                self._instruments.read(LookReadings(runner.system.name, runner.looker.record))

    async def run(self) -> None:
        """Ask the journal and Kafka at intervals, until cancelled. Neither keeps the other waiting."""
        if self._enabled:
            try:
                await asyncio.gather(self._repeat(self._figures.read), self._repeat(self._read_ends))
            finally:
                await self._figures.close()

    async def _repeat(self, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await ask()
            except Exception as error:  # noqa: BLE001 - the next reading may succeed; until then these series are absent
                log.warning(
                    "a value for the metrics could not be read", extra={"error": type(error).__name__}
                )
            await self._clock.sleep(self._interval)

    async def _read_ends(self) -> None:
        await asyncio.gather(*(self._ends_of(runner) for runner in self._runners))

    async def _ends_of(self, runner: SystemRunner) -> None:
        try:
            await runner.intake.read_ends(min(ENDS_SECONDS, self._interval))
        except (KafkaError, TimeoutError):
            log.debug("the ends of partitions could not be read: Kafka is unavailable, or refuses all topics")
