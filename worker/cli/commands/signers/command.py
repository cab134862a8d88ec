"""`herald signers`: the signing identities."""

from __future__ import annotations

import typer

from worker.cli.commands.signers.unblock import unblock

app = typer.Typer(
    no_args_is_help=True, help="Let a signer whose PIN or password was refused try it once more."
)


@app.callback()
def _signers() -> None:
    """Keep the command's name where the group has one command alone."""


app.command()(unblock)
