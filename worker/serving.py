"""Serving one national system: its parts are started as soon as what they need is available, and watched."""

from __future__ import annotations

import logging
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.code_lists import scheduled_pulls
from worker.composition.runner import make_runner
from worker.journal.errors import JournalUnavailable
from worker.start_attempts import find_topics, load_lists, look_for_stops, with_kafka

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from worker.composition.looking import LookParts
    from worker.composition.systems import BuiltSystem
    from worker.journal.code_lists import CachedCodeLists
    from worker.journal.intake_stops import IntakeStops
    from worker.journal.postgres import PostgresJournal
    from worker.journal.read_positions import PostgresReadPositions
    from worker.kafka.replies import ReplyPublisher
    from worker.measuring.metrics import Metrics
    from worker.observability.health import Check, HealthProbes
    from worker.observability.tasks import EndlessTasks
    from worker.observability.tracing.span import Tracer
    from worker.pipeline.ports import Clock
    from worker.pipeline.saving import Saving
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.startup import Waiting
    from worker.system_runner import SystemRunner

log = logging.getLogger(__name__)

REFRESH = 60.0
"""Seconds between checks for newer code lists."""


@immutable
class Connections:
    """What the runners of all systems have in common."""

    journal: PostgresJournal
    replies: ReplyPublisher
    stops: IntakeStops
    positions: PostgresReadPositions
    saving: Saving | None = None


class Serving:
    """Starts what serves a system, for all systems of one worker.

    ``unless_stopping`` makes a check that finds nothing wrong while the worker stops.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        signers: Signers,
        *,
        looking: LookParts | None,
        metrics: Metrics,
        health: HealthProbes,
        tasks: EndlessTasks,
        tracer: Tracer | None,
        unless_stopping: Callable[[Check], Check],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._signers = signers
        self._looking = looking
        self._metrics = metrics
        self._health = health
        self._tasks = tasks
        self._tracer = tracer
        self._unless_stopping = unless_stopping

    async def start(
        self, built: BuiltSystem, waiting: Waiting, connections: Connections, stack: AsyncExitStack
    ) -> None:
        """Start what serves one system; ``stack`` stops it. Raises Stopped where the worker stops first."""
        system, lists = built.system, built.code_lists
        await waiting.until("the cached code lists", partial(load_lists, lists))
        stack.push_async_callback(system.close)
        runner = self._make_runner(built, connections)
        stack.push_async_callback(runner.breakers.close)
        runner.breakers.start()
        await waiting.until(
            "Kafka, for replies",
            partial(with_kafka, partial(find_topics, connections.replies, runner.routing.written)),
        )
        await waiting.until("whether intake is stopped", partial(look_for_stops, runner))
        await waiting.until(
            f"Kafka, for {', '.join(runner.routing.submissions)}", partial(with_kafka, runner.intake.start)
        )
        stack.push_async_callback(runner.stop)
        name = system.name
        self._tasks.start(f"{name} code lists", self._refresh(lists))
        self._tasks.start(f"{name} flood guard", runner.flood.run())
        self._tasks.start(f"{name} read positions", runner.resets.run())
        if runner.asker is not None:
            self._tasks.start(f"{name} asking", runner.asker.run())
        if runner.looker is not None:
            self._tasks.start(f"{name} looking", runner.looker.run())
        self._pull(runner, stack)
        # At the end they stop before the intake does: during the drain nothing else may change.
        stack.push_async_callback(self._tasks.end)
        self._watch(runner)
        waiting.what = None
        log.info("serving", extra={"system": system.name})

    def _make_runner(self, built: BuiltSystem, connections: Connections) -> SystemRunner:
        return make_runner(
            self._settings,
            built.system,
            connections.journal,
            connections.replies,
            stops=connections.stops,
            positions=connections.positions,
            clock=self._clock,
            meter=self._metrics.meter_of(built.system.name),
            tracer=self._tracer,
            looking=self._looking,
            saving=connections.saving,
        )

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
            self._health.add_warnings(f"{name} nomenclatures", pulls.warnings)
            stack.push_async_callback(pulls.close)
            self._tasks.start(f"{name} nomenclatures", pulls.run())

    def _watch(self, runner: SystemRunner) -> None:
        name = runner.system.name
        self._metrics.watch_runner(runner)
        self._health.add_liveness(f"{name} intake", self._unless_stopping(runner.dead))
        self._health.add_readiness(f"{name} partitions", lambda: runner.unable)
        self._health.add_warnings(name, runner.warnings)

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
