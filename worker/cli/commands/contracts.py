"""`herald contracts`: the events as files for hospitals' developers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.counted import counted
from contracts.export.files import differences, write

app = typer.Typer(no_args_is_help=True)

_Directory = Annotated[Path, typer.Option("--dir", help="The folder of the files.", file_okay=False)]
_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 if a file is not up to date.")
]


@app.callback()
def contracts() -> None:
    """Export the events: AsyncAPI, JSON Schema, examples."""


@app.command()
def export(directory: _Directory = Path("contracts/published"), *, check: _Check = False) -> None:
    """Write AsyncAPI, JSON Schemas and examples; only what changed is touched."""
    try:
        changed = differences(directory) if check else write(directory)
    except OSError as error:
        typer.echo(f"{directory}: {error.strerror}", err=True)
        raise typer.Exit(code=2) from None
    for name in changed:
        typer.echo(name)
    if check and changed:
        typer.echo(
            f"{counted(len(changed), 'file')} not up to date: run `herald contracts export`.", err=True
        )
        raise typer.Exit(code=1)
