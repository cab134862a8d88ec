"""`herald dead-letters`: list, count, show, replay, discard and settle what waits for a person."""

from __future__ import annotations

import typer

from worker.cli.commands.dead_letters.discard import discard
from worker.cli.commands.dead_letters.listing import list_, summary
from worker.cli.commands.dead_letters.replay import replay
from worker.cli.commands.dead_letters.settle import settle
from worker.cli.commands.dead_letters.show import show

app = typer.Typer(
    no_args_is_help=True, help="List, replay, settle and discard dead letters, which wait for a person."
)
app.command(name="list")(list_)
for _command in (summary, show, replay, discard, settle):
    app.command()(_command)
