"""`herald intake`: whom a flood of dead letters stopped, and how they resume; and what was lost before it was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.admin.errors import UnknownSystem
from worker.admin.intake import (
    ACKNOWLEDGED,
    acknowledge_losses,
    list_losses,
    list_stops,
    named,
    resume_intake,
)
from worker.admin.intake_history import intake_history
from worker.admin.sentences import ended as full_stop
from worker.cli.access import Config, run, settings_of
from worker.cli.operator import By, PerhapsWhy
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.cli.tables import ago, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.audit_log import AuditEntry
    from worker.admin.intake import LossRow, StopRow

app = typer.Typer(
    no_args_is_help=True,
    help="Show and end stops of intake; show and acknowledge records lost before they were read.",
)

_HISTORY_COLUMNS = ("at (UTC)", "system", "who", "act", "stopped", "why", "reason")
_COLUMNS = ("system", "stopped", when("since"), "why", "reasons", when("next trial"))


_LOSS_COLUMNS = (
    "system",
    "topic",
    "partition",
    "from offset",
    "to offset",
    "lost",
    "why",
    "noticed at (UTC)",
)
UNKNOWN = "unknown"


@app.command()
def status(config: Config = None, *, as_json: AsJson = False) -> None:
    """Show the systems, sources and signers that are stopped, and the losses that are not acknowledged."""
    journal = settings_of(config).journal
    found = run(list_stops(journal))
    if as_json:
        print_json(found)
        return
    if not found:
        say("Nothing is stopped.")
    else:
        now = datetime.now(UTC)
        print_table(_COLUMNS, (_row(one, now) for one in found))
    _show(run(list_losses(journal)))


def _row(stop: StopRow, now: datetime) -> tuple[object, ...]:
    reasons = sorted(stop.reasons.items(), key=lambda one: -one[1])
    told = ", ".join(f"{reason}: {number}" for reason, number in reasons)
    since, trial = ago(stop.stopped_at, now), ago(stop.probe_at, now)
    return stop.system, stop.stopped, since, stop.why, told or None, trial


@app.command()
def history(
    config: Config = None,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many entries, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show when stops ended and who ended them: a person, or a worker (herald), whose trial ended well."""
    found = run(intake_history(settings_of(config).journal, limit))
    if as_json:
        print_json(found)
    elif not found:
        say("Nothing was stopped by a person, resumed or acknowledged.")
    else:
        print_table(_HISTORY_COLUMNS, map(_entry_row, found))


def _entry_row(entry: AuditEntry) -> tuple[object, ...]:
    told = entry.details
    whose = None if entry.act == ACKNOWLEDGED else named(told.get("source"), told.get("signer"))
    why = told.get("stopped_because") or told.get("why")
    return entry.at, entry.system, entry.who, entry.act, whose, why, entry.reason


@app.command()
def losses(config: Config = None, *, as_json: AsJson = False) -> None:
    """Show the records that were lost before they were read, or forgotten by the journal, and not acknowledged."""
    found = run(list_losses(settings_of(config).journal))
    if as_json:
        print_json(found)
    elif not found:
        say("No records are lost.")
    else:
        _show(found)


def _show(found: Sequence[LossRow]) -> None:
    lost, forgotten = [one for one in found if not one.forgotten], [one for one in found if one.forgotten]
    if lost:
        say("Records were lost before they were read:")
        _show_rows(lost)
        say("Ask the senders to publish them again, then run `herald intake acknowledge-loss SYSTEM`.")
    if forgotten:
        say("Records were read, and the journal does not know how they ended:")
        _show_rows(forgotten)
        say(
            "Do not ask the senders to publish them again: Herald would send them again. Follow docs/upgrades.md, "
            "'After a restore', then run `herald intake acknowledge-loss SYSTEM`."
        )


def _show_rows(found: Sequence[LossRow]) -> None:
    rows = (
        (
            one.system,
            one.topic,
            one.partition,
            one.from_offset,
            UNKNOWN if one.to_offset is None else one.to_offset,
            UNKNOWN if one.lost is None else one.lost,
            one.why,
            one.noticed_at,
        )
        for one in found
    )
    print_table(_LOSS_COLUMNS, rows)


@app.command("acknowledge-loss")
def acknowledge_loss(
    system: Annotated[str, typer.Argument(help="The system whose records were lost.")],
    config: Config = None,
    *,
    reason: PerhapsWhy = None,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Acknowledge that a loss is handled: the readiness probe no longer warns of it."""
    try:
        found = run(acknowledge_losses(settings_of(config), system, who=by, reason=reason))
    except UnknownSystem as error:
        fail(f"{system}: {error}", WRONG_USE)
    if as_json:
        print_json(found)
    for one in found:
        number = UNKNOWN if one.lost is None else one.lost
        say(
            f"Acknowledged: {one.topic}, partition {one.partition}, from offset {one.from_offset}: {number} lost."
        )
    if not found:
        say("There is no loss to acknowledge.")


@app.command()
def resume(
    config: Config = None,
    *,
    system: Annotated[str | None, typer.Option(help="Only the stops of this system; by default all.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Only the stop of this source; an empty value means records without a readable source."
        ),
    ] = None,
    signer: Annotated[str | None, typer.Option(help="Only the stop of this signer.")] = None,
    reason: PerhapsWhy = None,
    by: By,
    as_json: AsJson = False,
) -> None:
    """End stops after their cause is fixed. Workers resume within seconds."""
    try:
        ended = run(
            resume_intake(settings_of(config), system, who=by, reason=reason, source=source, signer=signer)
        )
    except UnknownSystem as error:
        fail(f"--system {system}: {error}", WRONG_USE)
    if as_json:
        print_json(ended)
    for stop in ended:
        whose = stop.system if stop.stopped == "all" else f"{stop.system}, {stop.stopped},"
        say(f"Intake of {whose} resumes; it was stopped because {full_stop(stop.why)}")
    if ended:
        return
    if source is not None or signer is not None:
        fail(_none_stopped(source, signer))
    say("Nothing was stopped.")


def _none_stopped(source: str | None, signer: str | None) -> str:
    named = [f"source {source or '(none)'}"] if source is not None else []
    named += [f"signer {signer}"] if signer is not None else []
    return f"Nothing resumes: no {' and no '.join(named)} is stopped. See `herald intake status`."
