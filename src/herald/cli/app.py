"""All commands together."""

from __future__ import annotations

import typer

from herald.cli import (
    check,
    contracts,
    demo,
    journal,
    nomenclatures,
    sandbox,
    submissions,
    submit,
    watch,
    worker,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Herald: submissions from Kafka to national e-health systems. Exit 0 done, 1 failed, 2 wrong usage.",
)
app.command()(demo.demo)
app.command()(worker.worker)
app.command()(check.check)
app.command()(submit.submit)
app.command()(watch.watch)
app.add_typer(submissions.app, name="submissions")
app.add_typer(journal.app, name="journal")
app.add_typer(nomenclatures.app, name="nomenclatures")
app.add_typer(contracts.app, name="contracts")
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """Run the command line."""
    app()
