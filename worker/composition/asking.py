"""What one system has for submissions that it answers later. Nothing is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.message_ids import new_message_id
from worker.pipeline.aside import Aside
from worker.pipeline.asking.announcement import Announcement
from worker.pipeline.asking.asker import Asker
from worker.pipeline.asking.contained import ContainedLater
from worker.pipeline.asking.exchange import LaterExchanges
from worker.pipeline.asking.one_answer import OneAnswer
from worker.pipeline.asking.parts import Parts
from worker.pipeline.asking.record import AskRecord
from worker.pipeline.asking.waits import Waits
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.finishing import Finishing
from worker.pipeline.publishing import Publishing
from worker.pipeline.stages import Stages
from worker.systems.later import AnswersLater

if TYPE_CHECKING:
    from worker.observability.tracing.span import Tracer
    from worker.pipeline.admission.admission import Admission
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.hanging import RunningCalls
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal, Replies
    from worker.pipeline.reading import Reader
    from worker.pipeline.rendering import Renderer
    from worker.pipeline.saving import Saving
    from worker.settings.model import Settings
    from worker.systems.port import System


def make_waits(
    settings: Settings, system: System, journal: Journal, replies: Replies, *, clock: Clock, meter: Meter
) -> Waits:
    """Return what lets a system's submissions wait."""
    return Waits(
        system,
        journal,
        replies,
        clock,
        settings.asking,
        announcement=Announcement(system.name, settings.routing_of(system.name)),
        stages=Stages(meter, clock.monotonic),
    )


def make_asker(
    settings: Settings,
    system: System,
    journal: Journal,
    replies: Replies,
    *,
    clock: Clock,
    reader: Reader,
    renderer: Renderer,
    admission: Admission,
    flood: FloodGuard,
    calls: RunningCalls | None,
    meter: Meter,
    tracer: Tracer | None,
    saving: Saving | None = None,
) -> Asker | None:
    """Return what asks for a system's answers; None for one that never answers later."""
    if not isinstance(system, AnswersLater):
        return None
    record = AskRecord()
    contained, aside, stages = ContainedSystem(system, calls), Aside(), Stages(meter, clock.monotonic)
    publishing = Publishing(journal, replies, meter, stages)
    parts = Parts(
        system=contained,
        journal=journal,
        reader=reader,
        exchanges=LaterExchanges(
            contained,
            journal,
            clock,
            new_message_id,
            admission,
            later=ContainedLater(system, calls),
            meter=meter,
        ),
        finishing=Finishing(
            system,
            journal,
            clock,
            renderer=renderer,
            publishing=publishing,
            flood=flood,
            aside=aside,
            stages=stages,
            saving=saving,
        ),
        publishing=publishing,
        breakers=admission.breakers,
        flood=flood,
        aside=aside,
        meter=meter,
        record=record,
    )
    one = OneAnswer(system.name, parts, settings.asking)
    return Asker(
        system.name,
        journal,
        clock,
        one,
        settings.asking,
        breakers=admission.breakers,
        record=record,
        drain_seconds=settings.intake.drain_seconds,
        tracer=tracer,
    )
