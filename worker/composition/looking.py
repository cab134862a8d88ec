"""What looks for news at one system. Nothing is started."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.inbound.looking.looker import Looker
from worker.inbound.looking.one_look import OneLook
from worker.inbound.looking.record import LookRecord
from worker.pipeline.notices import WorkerNotices
from worker.systems.news import LooksForNews

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.inbound.looking.meter import LookMeter
    from worker.inbound.looking.ports import Watches
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.hanging import RunningCalls
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.systems.port import System


@immutable
class LookParts:
    """What the lookers of all systems of a process have in common. ``found``: new notifications are durable."""

    watches: Watches
    found: Callable[[], None]
    meter_of: Callable[[str], LookMeter]


def make_looker(
    settings: Settings,
    system: System,
    parts: LookParts | None,
    *,
    clock: Clock,
    breakers: CircuitBreakers,
    calls: RunningCalls | None,
) -> Looker | None:
    """Return what looks at a system's places; None for one that has none."""
    if parts is None or not isinstance(system, LooksForNews) or not (watches := system.watches()):
        return None
    one = OneLook(
        system,
        parts.watches,
        WorkerNotices(system.name, settings.routing_of(system.name), int(settings.kafka.max_reply_bytes)),
        clock,
        settings.looking,
        random=Random(),  # noqa: S311  # spreads looks, guards no secret
        meter=parts.meter_of(system.name),
        found=parts.found,
        calls=calls,
    )
    return Looker(
        system.name,
        watches,
        parts.watches,
        one,
        settings.looking,
        clock=clock,
        is_open=breakers.is_open,
        record=LookRecord(),
        drain_seconds=settings.intake.drain_seconds,
    )


def has_places(system: System) -> bool:
    """Whether workers look at this system."""
    return isinstance(system, LooksForNews) and bool(system.watches())
