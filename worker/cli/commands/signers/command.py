"""`herald signers`: the signing keys and certificates of the configuration."""

from __future__ import annotations

import typer

from worker.cli.commands.signers.listing import list_
from worker.cli.commands.signers.show import show
from worker.cli.commands.signers.trial import try_signer
from worker.cli.commands.signers.unblock import unblock

app = typer.Typer(
    no_args_is_help=True, help="List, show, test and unblock the signing keys of the configuration."
)
app.command(name="list")(list_)
app.command()(show)
app.command(name="test")(try_signer)
app.command()(unblock)
