"""One system's line: its intake, window, engine and system package, put together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from herald.worker.intake.consumer import Intake
from herald.worker.intake.window import Window
from herald.worker.kafka_clients import make_broker
from herald.worker.pipeline.delivery import Delivery
from herald.worker.pipeline.engine import Engine
from herald.worker.pipeline.reading import Reader
from herald.worker.pipeline.rendering import Renderer
from herald.worker.pipeline.routing import Route, Routing
from herald.worker.pipeline.slots import Slots

if TYPE_CHECKING:
    from datetime import date

    from herald.worker.pipeline.ports import Clock, Journal, Replies
    from herald.worker.settings.model import Settings
    from herald.worker.systems.port import System


@dataclass(frozen=True, slots=True)
class Line:
    """What serves one national system."""

    system: System
    routing: Routing
    intake: Intake


def routing_of(settings: Settings, system: str) -> Routing:
    """Return the topics of a system by the settings."""
    routes = tuple(Route(route.source, route.results, route.errors) for route in settings.reply_routes)
    return Routing.of(settings.kafka.topic_prefix, system, routes)


def make_line(settings: Settings, system: System, journal: Journal, replies: Replies, clock: Clock) -> Line:
    """Put one system's parts together; nothing is started."""
    routing = routing_of(settings, system.name)
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
            slots=Slots(settings.intake.in_flight, settings.intake.in_flight_per_signer),
        ),
        renderer=Renderer(system.name, routing, max_reply_bytes=int(settings.kafka.max_reply_bytes)),
    )
    window = Window(
        engine.process,
        max_records=settings.intake.window_records,
        max_bytes=settings.intake.window_bytes,
    )
    intake = Intake(partial(make_broker, settings.kafka), routing.submissions, window, settings.intake)
    return Line(system, routing, intake)


def _today(clock: Clock, time_zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(time_zone)).date()
