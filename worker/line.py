"""One system's line: its intake, window, engine and system package, put together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from worker.kafka.clients import make_broker
from worker.kafka.consumer import Intake
from worker.kafka.window import Window
from worker.pipeline.admission.admission import Admission
from worker.pipeline.admission.breakers import Gate
from worker.pipeline.admission.concurrency import Slots
from worker.pipeline.admission.rate_limit import Pace
from worker.pipeline.delivery import Delivery
from worker.pipeline.engine import Engine
from worker.pipeline.flood import FloodGuard
from worker.pipeline.flood_guard import FloodGate
from worker.pipeline.reading import Reader
from worker.pipeline.rendering import Renderer

if TYPE_CHECKING:
    from datetime import date

    from worker.pipeline.flood_guard import Stops
    from worker.pipeline.ports import Clock, Journal, Replies
    from worker.pipeline.routing import Routing
    from worker.settings.model import Settings
    from worker.systems.port import System


@dataclass(frozen=True, slots=True)
class Line:
    """What serves one national system."""

    system: System
    routing: Routing
    intake: Intake
    gate: Gate
    flood: FloodGate

    @property
    def kept_back(self) -> str | None:
        """Say what keeps submissions from being sent or taken, though nothing is missing to do it; or None."""
        signers = [f"signer {name}: {why}" for name, why in self.gate.signers_standing.items()]
        flood = self.flood.standing
        told = [
            *([f"circuit open: {self.gate.standing}"] if self.gate.standing else []),
            *(f"circuit open for {one}" for one in signers),
            *([f"intake stopped: {flood}; see `herald intake`"] if flood else []),
        ]
        return "; ".join(told) or None


def make_line(
    settings: Settings, system: System, journal: Journal, replies: Replies, *, stops: Stops, clock: Clock
) -> Line:
    """Put one system's parts together; nothing is started."""
    routing = settings.routing_of(system.name)
    limits = settings.limits.of(system.name)
    gate = Gate(settings.circuit.policy(), clock, system.probe)
    flood = FloodGate(system.name, FloodGuard(settings.flood_guard.policy(), clock.monotonic), stops, clock)
    engine = Engine(
        system,
        journal,
        replies,
        clock,
        reader=Reader(
            system.name,
            knows_signer=system.knows_signer,
            today=partial(_today, clock, system.time_zone),
            max_event_bytes=int(settings.kafka.max_event_bytes),
        ),
        delivery=Delivery(
            system,
            journal,
            clock,
            policy=partial(settings.retry.policy, system.name),
            new_id=lambda: str(uuid.uuid4()),
            random=Random(),  # noqa: S311  # spreads retries, guards no secret
            admission=Admission(
                gate,
                Pace(limits.requests_per_second, limits.requests_per_second_per_signer),
                Slots(limits.in_flight, limits.in_flight_per_signer),
            ),
        ),
        renderer=Renderer(system.name, routing, max_reply_bytes=int(settings.kafka.max_reply_bytes)),
        flood=flood,
    )
    window = Window(
        engine.process,
        max_records=settings.intake.window_records,
        max_bytes=settings.intake.window_bytes,
    )
    intake = Intake(
        partial(make_broker, settings.kafka),
        routing.submissions,
        settings.intake.group_of(system.name),
        window,
        settings.intake,
    )
    gate.on_change = lambda: intake.keep_back("circuit", wanted=gate.standing is not None)
    flood.on_change = lambda: intake.keep_back("flood", wanted=not flood.takes)
    flood.can_probe = lambda: intake.assigned
    return Line(system, routing, intake, gate, flood)


def _today(clock: Clock, time_zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(time_zone)).date()
