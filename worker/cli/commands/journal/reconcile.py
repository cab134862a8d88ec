"""`herald journal reconcile`: what a journal that was restored from a backup has forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.admin.reconciliation import ReconciledSystem, Recording
from worker.admin.reconciliation import reconcile as reconcile_journal
from worker.cli.access import TIMES, Config, KnownSystem, run, settings_of
from worker.cli.operator import PerhapsBy, PerhapsWhy, acting
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.composition.reader import make_reader
from worker.composition.systems import build_systems
from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.reconciliation import Reconciled
    from worker.settings.model import Settings

_COLUMNS = ("system", "source", "id", "operation", "place", "finding", "detail")


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
    done = run(_act(settings, system, since and since.replace(tzinfo=UTC), ask=look_up, recording=recording))
    if as_json:
        print_json(done)
        return
    print_table(_COLUMNS, _rows(done))
    say(_told(done))


def _recording(by: str | None, reason: str | None) -> Recording:
    return Recording(
        acting(by), reason or fail("--record writes to the audit log: give --reason.", WRONG_USE)
    )


async def _act(
    settings: Settings, system: str | None, since: datetime | None, *, ask: bool, recording: Recording | None
) -> Reconciled:
    systems = _systems(settings, system)
    try:
        return await reconcile_journal(settings, systems, since=since, ask=ask, recording=recording)
    finally:
        for one in systems:
            await one.system.close()


def _systems(settings: Settings, only: str | None) -> list[ReconciledSystem]:
    clock = SystemClock()
    try:
        built = build_systems(settings, clock)
    except ConfigurationError as bad:
        fail(
            "The systems cannot be used:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE
        )
    return [
        ReconciledSystem(one.system, make_reader(settings, one.system, clock))
        for one in built
        if only in (None, one.system.name)
    ]


def _rows(done: Reconciled) -> Sequence[tuple[object, ...]]:
    return [
        (
            one.system,
            one.source,
            one.id,
            one.operation,
            f"{one.topic}/{one.partition}/{one.offset}",
            one.finding,
            one.detail,
        )
        for one in done.forgotten
    ]


def _told(done: Reconciled) -> str:
    since = f"since {done.since:%Y-%m-%d %H:%M:%S} UTC" if done.since else "from the topics' beginnings"
    recorded = sum(one.recorded for one in done.forgotten)
    return (
        f"Read {done.read} records {since}: the journal does not know {len(done.forgotten)} submissions that were"
        f" processed; {recorded} were recorded. {done.invalid} records are invalid, and were never sent."
    )
