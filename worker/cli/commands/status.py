"""`herald status`: one screen of what runs, waits, is open and is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.admin.intake import EVERYTHING
from worker.admin.status import Status, installation_status
from worker.cli.access import Config, run, settings_of
from worker.cli.output import ATTENTION, AsJson, print_json, print_table, say
from worker.cli.tables import ago, when

if TYPE_CHECKING:
    from worker.admin.intake import StopRow

_SYSTEMS = ("system", "to be read", "waiting", "in flight", "answer later", "held", "dead letters", "intake")
_WORKERS = ("worker", when("started"), when("lease until"), "in flight")
_LOADS = (
    "system", "signer", "source", "waiting", "in flight", "answer later", "held", "dead letters", when("oldest"), "why"
)  # fmt: skip
_SPARE = ("oldest (UTC)", "answer later", "in flight", "why")
_USUAL = 15
"""Signers and sources in a table without --all."""


def status(
    config: Config = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show all signers and sources.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show workers, waiting submissions, open dead letters and problems, by system, signer and source.

    Exit 0: everything was queried and there is no problem. 3: there is a problem, or a query failed.
    1: the journal cannot be read. Dead letters and held submissions wait for a person and are no problem.
    """
    found = run(installation_status(settings_of(config)))
    if as_json:
        print_json(found)
    else:
        _print(found, None if everything else _USUAL)
    if found.wrong or found.not_asked:
        raise typer.Exit(ATTENTION)


def _print(found: Status, most: int | None) -> None:
    now = datetime.now(UTC)
    print_table(_SYSTEMS, _by_system(found))
    if found.workers:
        rows = (
            (
                one.owner,
                ago(one.started_at, now),
                ago(one.lease_until, now) if one.running else "ended",
                one.has,
            )
            for one in found.workers
        )
        print_table(_WORKERS, rows, below=True)
    if found.loads:
        _print_loads(found, most, now)
    for told in (*found.wrong, *found.not_asked, found.known_elsewhere):
        say(told)


def _by_system(found: Status) -> Iterator[tuple[object, ...]]:
    for name in sorted({*found.systems, *(load.system for load in found.loads)}):
        loads = [load for load in found.loads if load.system == name]
        lag = (found.lags or {}).get(name)
        yield (
            name,
            "unknown" if lag is None else lag.behind,
            sum(load.waiting for load in loads),
            sum(load.in_flight for load in loads),
            sum(load.answer_later for load in loads),
            sum(load.held for load in loads),
            sum(load.open + load.replaying for load in loads),
            _intake([stop for stop in found.stops if stop.system == name]),
        )


def _intake(stops: Sequence[StopRow]) -> str:
    """Say what of a system's intake is stopped: all of it, or only some sources and signers."""
    if any(stop.stopped == EVERYTHING for stop in stops):
        return "stopped"
    signers = sum(stop.signer is not None for stop in stops)
    counts = (("source", len(stops) - signers), ("signer", signers))
    told = [f"{count} {what}{'s' if count > 1 else ''}" for what, count in counts if count]
    return f"{', '.join(told)} stopped" if told else "not stopped"


def _print_loads(found: Status, most: int | None, now: datetime) -> None:
    shown = found.loads[:most]
    rows = (
        (
            one.system,
            one.signer,
            one.source,
            one.waiting,
            one.in_flight,
            one.answer_later,
            one.held,
            one.open + one.replaying,
            ago(one.oldest, now),
            one.why,
        )
        for one in shown
    )
    print_table(_LOADS, rows, spare=_SPARE, below=True)
    if len(shown) < len(found.loads):
        say(f"{len(shown)} of {len(found.loads)} signers and sources, the largest first. --all shows all.")
