"""All checks of an installation, in the order of the table, and one run of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.preflight import runner
from worker.admin.preflight.clocks import ClockChecks
from worker.admin.preflight.files import FileChecks
from worker.admin.preflight.findings import Result, Verdict, worst
from worker.admin.preflight.journal import JournalChecks
from worker.admin.preflight.kafka import KafkaChecks
from worker.admin.preflight.machine import MachineChecks
from worker.admin.preflight.signers import SignerChecks
from worker.admin.preflight.systems import SystemChecks
from worker.settings.authorisation_checks import doubtful_authorisations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.admin.preflight.findings import Check
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.systems.port import System

PAUSE = 2.0
"""Seconds between two looks at what `--wait` waits for."""


@immutable
class Built:
    """What was made of the settings without contacting anybody.

    ``unusable`` has, by system and signer, why a loaded signer cannot be used there; ``problems`` says why systems
    could not be built.
    """

    systems: Sequence[System]
    signers: Signers
    unusable: Mapping[tuple[str, str], str]
    problems: Sequence[str] = ()


@immutable
class Options:
    """How the checks are made. ``seconds`` is the longest time of each, and of all together.

    ``wait``: for how many seconds Kafka and the journal may still be starting. ``test``: lost records are no harm.
    ``logins``: get a token for each signer. ``vital``: only what keeps every worker from working counts as a failure.
    """

    seconds: float
    wait: float = 0.0
    test: bool = False
    logins: bool = True
    vital: bool = False


@immutable
class Report:
    """The results in the order of the table, and the worst of their verdicts."""

    verdict: Verdict
    results: tuple[Result, ...]

    def count(self, verdict: Verdict) -> int:
        """Return how many results have this verdict."""
        return sum(one.verdict is verdict for one in self.results)


async def preflight(settings: Settings, built: Built, clock: Clock, options: Options) -> Report:
    """Make all checks, and close the connections of the systems and signers."""
    try:
        await _wait(settings, built, clock, options)
        checks = checks_of(settings, built, clock.now, options)
        results = await runner.run(checks, seconds=options.seconds)
    finally:
        await asyncio.gather(*(one.close() for one in built.systems), return_exceptions=True)
        await built.signers.close()
    if options.vital:
        lenient = {check.id for check in checks if not check.vital}
        results = tuple(_warned(one) if one.id in lenient else one for one in results)
    return Report(worst(results), results)


async def _wait(settings: Settings, built: Built, clock: Clock, options: Options) -> None:
    """Return when Kafka and the journal can be used, or when the time for that is over."""
    end = clock.monotonic() + options.wait
    while clock.monotonic() < end:
        awaited = [one for one in checks_of(settings, built, clock.now, options) if one.awaited]
        results = await runner.run(awaited, seconds=min(options.seconds, max(1.0, end - clock.monotonic())))
        if not any(one.verdict is Verdict.FAIL for one in results):
            return
        await clock.sleep(PAUSE)


def checks_of(settings: Settings, built: Built, now: Callable[[], datetime], options: Options) -> list[Check]:
    """Return the checks, new: each run asks again. What several need gets half the time, so that they still end."""
    half = options.seconds / 2
    kafka = KafkaChecks(settings, test=options.test, seconds=half)
    journal = JournalChecks(settings.journal, test=options.test, seconds=half, now=now)
    systems = [SystemChecks(one, logins=options.logins, seconds=half, now=now) for one in built.systems]
    return [
        *MachineChecks(
            settings.systems.configured(), built.problems, doubtful_authorisations(settings)
        ).all(),
        *kafka.all(),
        *journal.all(),
        *FileChecks(settings.files, settings.journal).all(),
        *SignerChecks(built.signers, built.unusable, seconds=half, now=now).all(),
        *(check for system in systems for check in system.all()),
        *ClockChecks(settings.kafka, kafka, journal, now).all(),
        *(check for system in systems for check in system.clocks()),
    ]


def _warned(one: Result) -> Result:
    verdict = Verdict.WARN if one.verdict is Verdict.FAIL else one.verdict
    return Result(one.id, one.subject, verdict, one.detail, one.next_step)
