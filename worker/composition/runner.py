"""What serves one system: the intake, the engine, and what lies between them. Nothing is started."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from worker.composition.asking import make_asker, make_waits
from worker.composition.looking import make_looker
from worker.composition.reader import make_reader
from worker.kafka.broker import make_broker
from worker.kafka.consumer import Intake
from worker.kafka.offset_resets import OffsetResets
from worker.kafka.shares import WindowShares
from worker.kafka.window import Window
from worker.message_ids import new_message_id
from worker.pipeline.admission.admission import Admission
from worker.pipeline.admission.breakers import CircuitBreakers
from worker.pipeline.admission.concurrency import ConcurrencyLimits
from worker.pipeline.admission.rate_limit import RateLimits
from worker.pipeline.delivery import Delivery
from worker.pipeline.engine import Engine
from worker.pipeline.flood.causes import THE_SYSTEM, Party, Scope
from worker.pipeline.flood.counting import FloodCounters
from worker.pipeline.flood.guard import FloodGuard
from worker.pipeline.hanging import RunningCalls
from worker.pipeline.meter import UNMETERED
from worker.pipeline.rendering import Renderer
from worker.signing.remote.settings import RemoteSigner
from worker.system_runner import SystemRunner
from worker.transport.settings import TransportSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.composition.looking import LookParts
    from worker.kafka.intake_settings import IntakeSettings
    from worker.observability.tracing.span import Tracer
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal, ReadPositions, Replies, Stops
    from worker.pipeline.reading import Reader
    from worker.pipeline.saving import Saving
    from worker.settings.model import Settings
    from worker.systems.port import System


def make_runner(
    settings: Settings,
    system: System,
    journal: Journal,
    replies: Replies,
    *,
    stops: Stops,
    positions: ReadPositions,
    clock: Clock,
    meter: Meter = UNMETERED,
    tracer: Tracer | None = None,
    looking: LookParts | None = None,
    saving: Saving | None = None,
) -> SystemRunner:
    """Put together what serves one system."""
    routing = settings.routing_of(system.name)
    # The breakers and the flood guard report to the intake, which is made last: it needs the engine, which needs them.
    breakers = CircuitBreakers(
        system.name,
        settings.circuit.policy(),
        clock,
        system.probe,
        on_change=lambda: intake.keep_back("circuit", wanted=breakers.open_reason is not None),
    )
    flood = FloodGuard(
        system.name,
        FloodCounters(settings.flood_guard.policy(), clock.monotonic),
        stops,
        clock,
        on_change=lambda: intake.keep_back("flood", wanted=not flood.takes),
        can_probe=lambda party: _has_records(intake, party),
    )
    reader = make_reader(settings, system, clock)
    calls = RunningCalls(clock.monotonic, _longest_request(settings, system.name))
    admission = _admission(settings, system, breakers)
    renderer = Renderer(system.name, routing, max_reply_bytes=int(settings.kafka.max_reply_bytes))
    engine = Engine(
        system,
        journal,
        replies,
        clock,
        reader=reader,
        delivery=_delivery(settings, system, journal, clock, admission=admission, calls=calls, meter=meter),
        renderer=renderer,
        flood=flood,
        waits=make_waits(settings, system, journal, replies, clock=clock, meter=meter),
        defects=settings.retry.defects,
        meter=meter,
        tracer=tracer,
        saving=saving,
    )
    resets = OffsetResets(system.name, settings.intake.group_of(system.name), positions)
    make_window = partial(_window, settings.intake, engine, reader, flood)
    intake = Intake(
        partial(make_broker, settings.kafka), routing.submissions, make_window, settings.intake, resets
    )
    asker = make_asker(
        settings,
        system,
        journal,
        replies,
        clock=clock,
        reader=reader,
        renderer=renderer,
        admission=admission,
        flood=flood,
        calls=calls,
        meter=meter,
        tracer=tracer,
        saving=saving,
    )
    looker = make_looker(settings, system, looking, clock=clock, breakers=breakers, calls=calls)
    return SystemRunner(system, routing, intake, resets, breakers, flood, calls, asker, looker)


def _longest_request(settings: Settings, system: str) -> float:
    transports = (getattr(part, "transport", None) for part in (settings.systems.of(system), settings.esb))
    bounds = (one.total_timeout for one in transports if isinstance(one, TransportSettings))
    return max(bounds, default=0.0)


def _admission(settings: Settings, system: System, breakers: CircuitBreakers) -> Admission:
    limits = settings.limits.of(system.name)
    return Admission(
        breakers,
        RateLimits(limits.requests_per_second, limits.requests_per_second_per_signer),
        ConcurrencyLimits(
            limits.in_flight,
            limits.in_flight_per_signer,
            limits.in_flight_per_source,
            remote=limits.in_flight_remote,
            remote_signers=[name for name, one in settings.signers.items() if isinstance(one, RemoteSigner)],
        ),
    )


def _delivery(
    settings: Settings,
    system: System,
    journal: Journal,
    clock: Clock,
    *,
    admission: Admission,
    calls: RunningCalls,
    meter: Meter,
) -> Delivery:
    return Delivery(
        system,
        journal,
        clock,
        policy=partial(settings.retry.policy, system.name),
        new_id=new_message_id,
        random=Random(),  # noqa: S311  # spreads retries, guards no secret
        admission=admission,
        meter=meter,
        calls=calls,
    )


def _window(
    settings: IntakeSettings,
    engine: Engine,
    reader: Reader,
    flood: FloodGuard,
    *,
    on_progress: Callable[[], None],
) -> Window:
    shares = {Scope.SOURCE: settings.share_per_source, Scope.SIGNER: settings.share_per_signer}
    most = {"max_records": settings.window_records, "max_bytes": settings.window_bytes}
    return Window(
        engine.process,
        sender_of=reader.sender,
        gate=flood,
        shares=WindowShares(shares, **most),
        max_set_aside=settings.set_aside_records,
        on_progress=on_progress,
        **most,
    )


def _has_records(intake: Intake, party: Party) -> bool:
    """Whether this worker has a record to try for a stop's probe."""
    return intake.assigned if party == THE_SYSTEM else party in intake.set_aside
