"""`herald contracts`: the events as files for hospitals' developers, and whether a change breaks their software."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from contracts.compatibility.snapshot import compare, snapshot, written
from contracts.counted import counted
from contracts.export.files import differences, write
from worker.cli.output import WRONG_USE, fail

app = typer.Typer(no_args_is_help=True)

_Directory = Annotated[Path, typer.Option("--dir", help="The folder of the files.", file_okay=False)]
_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 if a file is not up to date.")
]


@app.callback()
def contracts() -> None:
    """Export the events: AsyncAPI, JSON Schema, examples. Compare them with the last release."""


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


BASELINE = Path("contracts/baseline/contracts.json")
_Baseline = Annotated[
    Path, typer.Option("--baseline", help="What the last release promised.", dir_okay=False)
]
_Write = Annotated[
    bool,
    typer.Option("--write", help="At a release: keep what the contracts promise now as the new baseline."),
]
NEXT = (
    "A hospital's software breaks at these changes. Take them back; or keep the event type as it is, and publish the "
    "change as a new one, with `.v2` at its end. `--write` accepts them, for a release whose notes announce them."
)


@app.command()
def compatible(baseline: _Baseline = BASELINE, *, write_it: _Write = False) -> None:
    """Compare the contracts with what the last release promised.

    Exit 0: no change breaks a hospital's software. 1: a change does. 2: the baseline cannot be read or written.
    """
    now = snapshot()
    try:
        if write_it:
            baseline.write_text(written(now), encoding="utf-8", newline="\n")
            return
        before = json.loads(baseline.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"{baseline}: {error.strerror}", WRONG_USE)
    except ValueError:
        fail(f"{baseline}: this is not JSON", WRONG_USE)
    found = compare(before, now)
    for one in found:
        typer.echo(str(one))
    if found:
        fail(f"{counted(len(found), 'breaking change')}. {NEXT}")
