"""The receiver as a process of its own: `herald receiver`. It takes calls, and delivers no submission.

It opens only the keys of the systems that have a route: a system may have to be asked whether a call is authentic.
"""

from __future__ import annotations

import logging
import os
import socket
import uuid
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from worker import garbage, interpreter_lock
from worker.admin.loaded_signers import loaded_signers
from worker.changing_files import ChangingFiles, files_before
from worker.clock import SystemClock
from worker.composition.files import build_files
from worker.composition.systems import build_systems
from worker.configuration_error import ConfigurationError
from worker.kafka.clients import make_producer
from worker.kafka.replies import ReplyPublisher
from worker.measuring.files import FileReadings
from worker.measuring.process import BuildReadings
from worker.measuring.reloads import ReloadReadings
from worker.notifying import Notifying
from worker.observability.health import HealthProbes
from worker.observability.heartbeat import Heartbeat
from worker.observability.metrics import declared
from worker.observability.metrics.exposition import Exposition
from worker.observability.metrics.instruments import Instruments
from worker.observability.metrics.labels import ReloadOutcome
from worker.observability.tasks import EndlessTasks
from worker.receiving import Receiving, callers_of
from worker.settings.authorisation_checks import signers_of
from worker.start_attempts import connect, with_kafka
from worker.startup import Stopped, Waiting

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from worker.observability.health import Check
    from worker.settings.model import Settings

log = logging.getLogger(__name__)

METRICS = "/metrics"


class Receiver:
    """One receiver process. `run` returns after `stop` was set and everything was closed."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        """Build everything that needs no connection. Raises ConfigurationError with all problems of the settings."""
        if settings.receiver is None:
            raise ConfigurationError("receiver: this section is required; see docs/receiver.md")
        settings = _of_routes(settings)
        assert settings.receiver is not None  # noqa: S101 - it was a moment ago
        self._settings = settings
        self._stop = stop
        self._clock = SystemClock()
        self._instruments = Instruments()
        self._late = self._instruments.histogram(declared.LOOP_DELAY)
        before = files_before(settings)
        self._signers = loaded_signers(settings, self._clock)
        self._kept = build_files(settings, self._clock)
        built = build_systems(
            settings, self._clock, self._signers, files=self._kept.store if self._kept else None
        )
        self._systems = [one.system for one in built]
        self._replies = ReplyPublisher(partial(make_producer, settings.kafka))
        found = callers_of(settings, settings.receiver, self._systems)
        self._notifying = Notifying(
            settings,
            {name: one.topic for name, one in found.items()},
            me=f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}",
            clock=self._clock,
            replies=self._replies,
            instruments=self._instruments,
        )
        self.receiving = Receiving(
            settings,
            settings.receiver,
            found,
            self._notifying,
            clock=self._clock,
            instruments=self._instruments,
            files=self._kept,
        )
        self._files = ChangingFiles(
            settings,
            self._signers,
            self._systems,
            self._clock,
            before=before,
            ended=self._reloads(),
            also=[*self.receiving.reloadables, *(() if self._kept is None else self._kept.reloadables)],
        )
        self._waiting = Waiting(stop)
        self._tasks = EndlessTasks()
        self.health = HealthProbes(settings.health.host, settings.health.port)

    async def run(self) -> None:
        """Receive until asked to stop. Raises OSError (the probes' port is taken), ConfigurationError, JournalFault."""
        self.health.add_readiness("start", lambda: self._waiting.what)
        self._measure()
        async with AsyncExitStack() as stack:
            await self.health.start()
            stack.push_async_callback(self.health.stop)
            stack.push_async_callback(self._tasks.end)
            stack.push_async_callback(self._signers.close)
            if self._kept is not None:
                stack.push_async_callback(self._kept.store.close)
            for system in self._systems:
                stack.push_async_callback(system.close)
            self.health.add_warnings("files", self._files.reloader.warnings)
            self._files.start(self._tasks, stack)
            self._tasks.start("heartbeat", Heartbeat(self._late).run())
            self.health.add_liveness("tasks", self._unless_stopping(self._tasks.dead))
            await self.receiving.listen(stack)
            try:
                await self._start(stack)
            except Stopped:
                return
            self._waiting.what = None
            garbage.serve()
            interpreter_lock.serve()
            log.info("ready")
            await self._stop.wait()
            self._waiting.what = "stopping"
            log.info("stopping: finishing calls in progress")

    async def _start(self, stack: AsyncExitStack) -> None:
        await self._waiting.until("Kafka", partial(with_kafka, partial(connect, self._replies)))
        stack.push_async_callback(self._replies.stop)
        await self.receiving.start(self._waiting, self.health, stack, unless_stopping=self._unless_stopping)
        if self._kept is not None:
            self._kept.start(self._tasks, self.health, stack)

    def _measure(self) -> None:
        if self._settings.metrics.enabled:
            self._instruments.read(
                BuildReadings(lambda: self.health.is_ready, lambda: self._notifying.outdated)
            )
            self._instruments.read(ReloadReadings(self._files.reloader))
            if self._kept is not None:
                self._instruments.read(FileReadings(self._kept.counts, self._kept.collector))
            self.health.add_page(METRICS, Exposition(self._instruments).answer)

    def _reloads(self) -> Callable[[ReloadOutcome], None]:
        counts = {one: self._instruments.counter(declared.RELOADS, one.value) for one in ReloadOutcome}
        return lambda outcome: counts[outcome]()

    def _unless_stopping(self, check: Check) -> Check:
        return lambda: None if self._stop.is_set() else check()


def _of_routes(settings: Settings) -> Settings:
    """Return the settings with the systems that have a route and the signers that these name, and nothing else."""
    assert settings.receiver is not None  # noqa: S101 - the caller looked
    served = settings.serving(settings.receiver.routes)
    named = {name for system in served.systems.configured() for name in signers_of(served, system)}
    return served.model_copy(
        update={"signers": {name: one for name, one in settings.signers.items() if name in named}}
    )
