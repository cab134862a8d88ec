"""What reads the events of one system, in a worker and in a command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from worker.pipeline.reading import Reader
from worker.systems.port import DrawsNumbers, WaivesRules

if TYPE_CHECKING:
    from datetime import date

    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.systems.port import System


def make_reader(settings: Settings, system: System, clock: Clock) -> Reader:
    """Return what reads the events of a system."""
    return Reader(
        system.name,
        knows_signer=system.knows_signer,
        today=partial(_today, clock, system.time_zone),
        max_event_bytes=int(settings.kafka.max_event_bytes),
        waived=system.waived_rules if isinstance(system, WaivesRules) else (),
        authorisations=settings.authorisations_of(system.name),
        draws_numbers=isinstance(system, DrawsNumbers) and system.draws_numbers,
    )


def _today(clock: Clock, time_zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(time_zone)).date()
