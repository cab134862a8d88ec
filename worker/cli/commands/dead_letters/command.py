"""`herald dead-letters`: list, show, replay, discard and settle what waits for a person."""

from __future__ import annotations

import typer

from worker.cli.commands.dead_letters.discard import discard
from worker.cli.commands.dead_letters.listing import list_, show
from worker.cli.commands.dead_letters.replay import replay
from worker.cli.commands.dead_letters.settle import settle

app = typer.Typer(no_args_is_help=True, help="What waits for a person: replay it, settle it, or discard it.")
app.command(name="list")(list_)
for _command in (show, replay, discard, settle):
    app.command()(_command)
