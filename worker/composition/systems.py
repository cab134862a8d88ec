"""The configured systems, built with the signers' keys. Nothing is started."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.loaded_signers import loaded_signers
from worker.configuration_error import ConfigurationError
from worker.journal.code_lists import CachedCodeLists
from worker.pipeline.meter import UNMETERED
from worker.systems.dependencies import Dependencies, no_address, no_esb
from worker.systems.esb.build import build as build_esb
from worker.systems.port import TellsUnusableSigners
from worker.systems.registry import build_system, recogniser_of
from worker.systems.ssev.opened import recognise_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from worker.file_store import FileStore
    from worker.pipeline.meter import Meter
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.systems.esb.port import Esb
    from worker.systems.port import System
    from worker.systems.ssev.opened import Recognise

log = logging.getLogger(__name__)


@immutable
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
    files: FileStore | None = None,
    address_of: Callable[[str], str | None] = no_address,
) -> list[BuiltSystem]:
    """Build the configured systems, with these signers or with those that it loads.

    An unusable signer is logged and blocks its own submissions, no others. Raises ConfigurationError with the problems
    of all systems at once, and of the signers beside them.
    """
    signers = signers or loaded_signers(settings, clock)
    systems: list[BuiltSystem] = []
    problems: list[str] = []
    build = partial(
        _build_system, settings=settings, signers=signers, clock=clock, files=files, address_of=address_of
    )
    try:
        largest = int(settings.kafka.max_reply_bytes)
        build = partial(build, opened=recogniser_of(settings.systems.all_sections(), largest))
    except ConfigurationError as bad:
        problems += bad.problems
    for name in settings.systems.configured():
        try:
            systems.append(build(name, meter=meter_of(name)))
        except ConfigurationError as bad:
            problems += bad.problems
    if problems:
        # A schema that both a system and the recogniser cannot use is one problem.
        raise ConfigurationError.of([*signers.sentences(), *problems])
    _warn_of_signers(signers, systems)
    return systems


def _build_system(
    name: str,
    settings: Settings,
    signers: Signers,
    clock: Clock,
    *,
    meter: Meter,
    files: FileStore | None,
    address_of: Callable[[str], str | None],
    opened: Recognise = recognise_nothing,
) -> BuiltSystem:
    lists = CachedCodeLists(settings.journal, name)
    dependencies = Dependencies(
        keys=signers.keys,
        documents=signers.documents,
        code_lists=lists,
        now=clock.now,
        monotonic=clock.monotonic,
        unusable=signers.unusable(),
        files=files,
        address_of=address_of,
        opened=opened,
        token_requested=meter.token_requested,
        esb=_esb_for(name, settings, signers, clock, meter),
    )
    return BuiltSystem(build_system(name, settings.systems.of(name), dependencies), lists)


def _esb_for(
    name: str, settings: Settings, signers: Signers, clock: Clock, meter: Meter
) -> Callable[[Collection[str]], Esb]:
    """Return what makes a system's own access to the ESB; it raises ConfigurationError where the settings have none."""
    if settings.esb is None:
        return no_esb
    return partial(
        build_esb,
        settings.esb,
        system=name,
        keys=signers.keys,
        unusable=signers.unusable(),
        now=clock.now,
        monotonic=clock.monotonic,
        requested=meter.token_requested,
    )


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
