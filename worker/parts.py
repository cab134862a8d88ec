"""What a worker is made of before it connects to anything: keys and systems, with all their problems at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.journal.code_lists import CachedCodeLists
from worker.signing.registry import Signers, load_signers
from worker.systems.dependencies import Dependencies
from worker.systems.registry import BadSystem, build_system

if TYPE_CHECKING:
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.systems.port import System

log = logging.getLogger(__name__)


class BadParts(Exception):
    """The settings fit their models, but no worker can be made of them; one sentence for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Part:
    """A system, and the code lists that it checks against."""

    system: System
    code_lists: CachedCodeLists


def build_parts(settings: Settings, clock: Clock, signers: Signers | None = None) -> list[Part]:
    """Build the configured systems, with these signers or with those that it loads. Raises BadParts."""
    signers = signers or load_signers(settings.signers, clock=clock.now)
    problems = [f"signers.{name}: {one}" for name, found in signers.problems.items() for one in found]
    parts = []
    for name in settings.systems.configured():
        try:
            parts.append(_part(name, settings, signers, clock))
        except BadSystem as bad:
            problems.append(str(bad))
    if problems:
        raise BadParts(problems)
    for key in signers.keys.values():
        if invalid := key.invalid_now():
            # Not a reason to refuse the start: the other signers' patients must not wait for this one's doctor.
            log.error("a signer cannot sign", extra={"signer": key.name, "detail": invalid})
    return parts


def _part(name: str, settings: Settings, signers: Signers, clock: Clock) -> Part:
    lists = CachedCodeLists(settings.journal, name)
    dependencies = Dependencies(
        keys=signers.keys,
        documents=signers.documents,
        code_lists=lists,
        now=clock.now,
        monotonic=clock.monotonic,
    )
    return Part(build_system(name, settings.systems.of(name), dependencies), lists)
