"""`herald regix`: what RegiX can be asked for. Contacts nothing."""

from __future__ import annotations

import os
from dataclasses import asdict

import typer

from worker.cli.access import Config, settings_of
from worker.cli.output import AsJson, print_json, print_table
from worker.systems.registry import listed_operations

SYSTEM = "regix"

app = typer.Typer(no_args_is_help=True, help="List the operations that RegiX can be asked for.")


@app.callback()
def _regix() -> None:
    """Keep `operations` a command of its own while it is the only one."""


@app.command()
def operations(config: Config = None, *, as_json: AsJson = False) -> None:
    """List the operations by the short names that events give, with what a lost answer leads to.

    With a configuration (--config or HERALD_CONFIG), its own operations too. A `mark` says how it is known whether an
    operation writes.
    """
    configured = config is not None or bool(os.environ.get("HERALD_CONFIG"))
    section = settings_of(config).systems.of(SYSTEM) if configured else None
    listed = listed_operations(SYSTEM, section)
    if as_json:
        print_json([asdict(one) for one in listed])
        return
    print_table(
        ("name", "register", "argument", "writes", "mark", "recovery", "operation"),
        (
            (one.name, one.register, one.argument, _word(one.writes), one.mark, one.recovery, one.operation)
            for one in listed
        ),
        spare=("operation", "recovery", "mark"),
    )


def _word(writes: bool) -> str:  # noqa: FBT001 - one value, which the table shows
    return "yes" if writes else "no"
