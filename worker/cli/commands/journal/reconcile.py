"""`herald journal reconcile`: what a journal that was restored from a backup has forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.admin.loaded_signers import loaded_signers
from worker.admin.reconciled import ReconciledSystem, Reconciliation, Recording
from worker.admin.reconciliation import reconcile as reconcile_journal
from worker.cli.access import TIMES, Config, KnownSystem, run, settings_of
from worker.cli.operator import PerhapsBy, PerhapsWhy, acting
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.composition.reader import make_reader
from worker.composition.systems import build_systems
from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.admin.reconciled import Forgotten, Reconciled
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.signing.registry import Signers

_COLUMNS = ("system", "source", "id", "operation", "place", "finding", "detail", "dead letter")


def reconcile(
    config: Config = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=TIMES,
            help="Read the topics from this time on (UTC): when the backup was made, or earlier. By default from an"
            " hour before the journal's newest submission.",
        ),
    ] = None,
    system: KnownSystem = None,
    read_to_end: Annotated[
        bool,
        typer.Option(
            "--read-to-end",
            help="Where the group has committed no offset (Kafka let it expire, or no worker has read the partition),"
            " read from --since up to the partition's end. What no worker has read is then in doubt too.",
        ),
    ] = False,
    look_up: Annotated[
        bool,
        typer.Option(
            help="Ask the national system for submissions that no reply answers, where it can be asked."
        ),
    ] = True,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="Write what was found into the journal: a duplicate then gets the reply, or its operation's recovery"
            " rule decides, and nothing is sent blindly.",
        ),
    ] = False,
    by: PerhapsBy = None,
    reason: PerhapsWhy = None,
    as_json: AsJson = False,
) -> None:
    """List the submissions that Kafka has, that were processed, and that the journal does not know.

    Run it after a restore of the journal, before the workers start. It changes nothing without --record.
    """
    settings = settings_of(config)
    recording = _recording(by, reason) if record else None
    wanted = Reconciliation(since and since.replace(tzinfo=UTC), look_up, read_to_end, recording)
    done = run(_act(settings, system, wanted))
    if as_json:
        print_json(done)
    else:
        print_table(_COLUMNS, map(_row, done.forgotten))
        say(_told(done))
    for sentence in _warnings(done):
        say(sentence)
    if done.not_compared:
        fail(_not_compared(done))


def _recording(by: str | None, reason: str | None) -> Recording:
    return Recording(
        acting(by), reason or fail("--record writes to the audit log: give --reason.", WRONG_USE)
    )


async def _act(settings: Settings, system: str | None, wanted: Reconciliation) -> Reconciled:
    clock = SystemClock()
    signers = _signers(settings, clock)
    systems = _systems(settings, system, clock, signers)
    try:
        return await reconcile_journal(settings, systems, wanted)
    finally:
        for one in systems:
            await one.system.close()
        await signers.close()


def _signers(settings: Settings, clock: Clock) -> Signers:
    try:
        return loaded_signers(settings, clock)
    except ConfigurationError as bad:
        fail(str(bad), WRONG_USE)


def _systems(settings: Settings, only: str | None, clock: Clock, signers: Signers) -> list[ReconciledSystem]:
    try:
        built = build_systems(settings, clock, signers)
    except ConfigurationError as bad:
        fail(
            "The systems cannot be used:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE
        )
    return [
        ReconciledSystem(one.system, make_reader(settings, one.system, clock))
        for one in built
        if only in (None, one.system.name)
    ]


def _row(one: Forgotten) -> tuple[object, ...]:
    place = f"{one.topic}/{one.partition}/{one.offset}"
    return (
        *(one.system, one.source, one.id, one.operation, place, one.finding, one.detail),
        one.dead_letter,
    )


def _told(done: Reconciled) -> str:
    since = f"since {done.since:%Y-%m-%d %H:%M:%S} UTC" if done.since else "from the topics' beginnings"
    recorded = sum(one.recorded for one in done.forgotten)
    return (
        f"Read {done.read} records {since}: the journal does not know {len(done.forgotten)} submissions that were"
        f" processed; {recorded} were recorded. {done.invalid} records are invalid, and were never sent."
    )


def _warnings(done: Reconciled) -> Iterator[str]:
    if done.running:
        names = ", ".join(done.running)
        yield (
            f"Workers of {names} run: what they take meanwhile may be missing here, and they take what the journal has"
            " forgotten for new. Stop them before you record anything."
        )
    lost = [one.dead_letter for one in done.forgotten if one.dead_letter and not one.dead_letter_found]
    if lost:
        yield (
            f"The records of these dead letters are not in what was read: {', '.join(lost)}. They are not restored;"
            " read from an earlier time (--since), or publish the events again under new ids."
        )


def _not_compared(done: Reconciled) -> str:
    places = ", ".join(f"{one.topic}/{one.partition} (group {one.group})" for one in done.not_compared)
    return (
        f"Not compared: {places}. The group has committed no offset there: Kafka let it expire, or no worker has read"
        " the partition. Run it again with --read-to-end and --since TIME (the time of the backup, or earlier;"
        " 1970-01-01 for all records)."
    )
