"""`herald watches`: the places at which workers look for what arrived at the national systems."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from worker.admin.watches import list_watches
from worker.cli.access import Config, run, settings_of
from worker.cli.output import AsJson, print_json, print_table, say
from worker.cli.tables import ago, when

app = typer.Typer(
    no_args_is_help=True, help="Show the places at which workers look for what arrived, such as inboxes."
)

_COLUMNS = ("system", "place", when("last good look"), when("next look"), "failures", "reason", "looking now")


@app.callback()
def _group() -> None:
    """Have a group of one command, so that its name is part of the command line."""


@app.command("list")
def list_(config: Config = None, *, as_json: AsJson = False) -> None:
    """List the watches: when a look last succeeded, when the next is due, and why looks fail."""
    found = run(list_watches(settings_of(config)))
    if as_json:
        print_json(found)
        return
    if not found:
        say("Workers look at no place.")
        return
    now = datetime.now(UTC)
    print_table(
        _COLUMNS,
        (
            (
                one.system,
                one.name,
                ago(one.last_seen, now),
                ago(one.due, now),
                one.failures,
                one.reason,
                one.looking,
            )
            for one in found
        ),
    )
