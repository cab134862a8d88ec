"""The one place where a worker's parts are put together: keys, systems, and what serves each. Nothing is started."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from worker.configuration_error import ConfigurationError
from worker.journal.code_lists import CachedCodeLists
from worker.kafka.clients import make_broker
from worker.kafka.consumer import Intake
from worker.kafka.offset_resets import OffsetResets
from worker.kafka.shares import WindowShares
from worker.kafka.window import Window
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
from worker.pipeline.reading import Reader
from worker.pipeline.rendering import Renderer
from worker.signing.registry import Signers, load_signers
from worker.system_runner import SystemRunner
from worker.systems.dependencies import Dependencies
from worker.systems.port import TellsUnusableSigners, WaivesRules
from worker.systems.registry import build_system
from worker.transport.settings import TransportSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from worker.kafka.intake_settings import IntakeSettings
    from worker.observability.tracing.span import Tracer
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock, Journal, ReadPositions, Replies, Stops
    from worker.settings.model import Settings
    from worker.systems.port import System

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BuiltSystem:
    """A system, and the code lists that it checks against."""

    system: System
    code_lists: CachedCodeLists


def build_systems(
    settings: Settings,
    clock: Clock,
    signers: Signers | None = None,
    *,
    meter_of: Callable[[str], Meter] = lambda _: UNMETERED,
) -> list[BuiltSystem]:
    """Build the configured systems, with these signers or with those that it loads.

    An unusable signer is logged and blocks its own submissions, no others. Raises ConfigurationError with the problems
    of all systems at once, and of the signers beside them.
    """
    signers = signers or load_signers(settings.signers, clock=clock.now, signing=settings.signing)
    systems: list[BuiltSystem] = []
    problems: list[str] = []
    for name in settings.systems.configured():
        try:
            systems.append(_build_system(name, settings, signers, clock, meter_of(name)))
        except ConfigurationError as bad:
            problems += bad.problems
    if problems:
        raise ConfigurationError(*signers.sentences(), *problems)
    _warn_of_signers(signers, systems)
    return systems


def _build_system(name: str, settings: Settings, signers: Signers, clock: Clock, meter: Meter) -> BuiltSystem:
    lists = CachedCodeLists(settings.journal, name)
    dependencies = Dependencies(
        keys=signers.keys,
        documents=signers.documents,
        code_lists=lists,
        now=clock.now,
        monotonic=clock.monotonic,
        unusable=signers.unusable(),
        token_requested=meter.token_requested,
    )
    return BuiltSystem(build_system(name, settings.systems.of(name), dependencies), lists)


def unusable_signers(systems: Iterable[BuiltSystem], signers: Signers) -> Mapping[tuple[str, str], str]:
    """Return, by system and signer, why a signer that could be loaded cannot be used in one system."""
    return {
        (system.name, name): problem
        for system in (built.system for built in systems)
        if isinstance(system, TellsUnusableSigners)
        for name, problem in system.unusable_signers().items()
        if name not in signers.problems
    }


def _warn_of_signers(signers: Signers, systems: Iterable[BuiltSystem]) -> None:
    """Log them. They do not refuse the start: the other signers' patients must not wait for one doctor's key."""
    invalid = {key.name: problem for key in signers.keys.values() if (problem := key.problem())}
    unusable = {name: "; ".join(found) for name, found in signers.problems.items()}
    for name, problem in (unusable | invalid).items():
        log.error("the signer %s cannot sign", name, extra={"signer": name, "detail": problem})
    for (system, name), problem in unusable_signers(systems, signers).items():
        told = {"system": system, "signer": name, "detail": problem}
        log.error("the signer %s cannot sign in %s", name, system, extra=told)
    for built in systems:
        if isinstance(built.system, TellsUnusableSigners) and not built.system.can_sign():
            log.error("no signer of a system can sign", extra={"system": built.system.name})


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
    engine = Engine(
        system,
        journal,
        replies,
        clock,
        reader=reader,
        delivery=_delivery(settings, system, journal, clock, breakers=breakers, calls=calls, meter=meter),
        renderer=Renderer(system.name, routing, max_reply_bytes=int(settings.kafka.max_reply_bytes)),
        flood=flood,
        defects=settings.retry.defects,
        meter=meter,
        tracer=tracer,
    )
    resets = OffsetResets(system.name, settings.intake.group_of(system.name), positions)
    make_window = partial(_window, settings.intake, engine, reader, flood)
    intake = Intake(
        partial(make_broker, settings.kafka), routing.submissions, make_window, settings.intake, resets
    )
    return SystemRunner(system, routing, intake, resets, breakers, flood, calls)


def _longest_request(settings: Settings, system: str) -> float:
    transport = getattr(settings.systems.of(system), "transport", None)
    return transport.total_timeout if isinstance(transport, TransportSettings) else 0.0


def make_reader(settings: Settings, system: System, clock: Clock) -> Reader:
    """Return what reads the events of a system."""
    return Reader(
        system.name,
        knows_signer=system.knows_signer,
        today=partial(_today, clock, system.time_zone),
        max_event_bytes=int(settings.kafka.max_event_bytes),
        waived=system.waived_rules if isinstance(system, WaivesRules) else (),
        authorisations=settings.authorisations_of(system.name),
    )


def _delivery(
    settings: Settings,
    system: System,
    journal: Journal,
    clock: Clock,
    *,
    breakers: CircuitBreakers,
    calls: RunningCalls,
    meter: Meter,
) -> Delivery:
    limits = settings.limits.of(system.name)
    admission = Admission(
        breakers,
        RateLimits(limits.requests_per_second, limits.requests_per_second_per_signer),
        ConcurrencyLimits(limits.in_flight, limits.in_flight_per_signer, limits.in_flight_per_source),
    )
    return Delivery(
        system,
        journal,
        clock,
        policy=partial(settings.retry.policy, system.name),
        new_id=lambda: str(uuid.uuid4()),
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


def _today(clock: Clock, time_zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(time_zone)).date()
