"""`herald intake`: what a flood of dead letters stopped, and how it resumes."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.errors import UnknownSystem
from worker.admin.intake import list_stops, resume_intake
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import By, PerhapsWhy
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say

app = typer.Typer(
    no_args_is_help=True, help="Intake that a flood of dead letters stopped: show it, resume it."
)

_COLUMNS = ("system", "stopped at (UTC)", "why", "tries one submission at (UTC)")


@app.command()
def status(config: Config = None, *, as_json: AsJson = False) -> None:
    """Show the systems whose intake is stopped."""
    found = run(list_stops(settings_of(config).journal))
    if as_json:
        print_json(found)
    elif not found:
        say("Intake is not stopped.")
    else:
        print_table(_COLUMNS, ((one.system, one.stopped_at, one.why, one.probe_at) for one in found))


@app.command()
def resume(
    config: Config = None,
    *,
    system: Annotated[str | None, typer.Option(help="Only this system's; else all that are stopped.")] = None,
    reason: PerhapsWhy = None,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let intake resume, once the cause of the flood is mended. Workers take it up within seconds."""
    try:
        ended = run(resume_intake(settings_of(config), system, who=by, reason=reason))
    except UnknownSystem as error:
        fail(f"--system {system}: {error}", WRONG_USE)
    if as_json:
        print_json(ended)
    for stop in ended:
        say(f"Intake of {stop.system} resumes; it was stopped because {stop.why}.")
    if not ended:
        say("Nothing was stopped.")
