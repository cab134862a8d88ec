"""`herald demo`: the whole of it on one machine, in less than a minute."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from herald.cli.output import WRONG_USE, AsJson, fail, print_json

PLAIN_WIDTH = 140
"""Columns where there is no terminal to ask, and COLUMNS does not say."""


def demo(
    *,
    as_json: AsJson = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running and print where; Ctrl-C ends it.")
    ] = False,
) -> None:
    """Play a hospital's morning against the NHIS sandbox, and hold the answers against its ledger.

    Exit 0 only if every outcome is the expected one, and the ledger says the same.

    With --json, stdout has one document: submissions, accepted, rejected, failed (failed and held replies),
    dead_letters, registered_by_nhis, mismatches (sentences; none when all is well), seconds.
    """
    try:
        from herald.demo.run import run  # noqa: PLC0415  # its libraries come with the extra `demo`
    except ModuleNotFoundError as error:
        fail(f"The demo cannot start: {error}. Install herald-worker[demo].", WRONG_USE)
    raise typer.Exit(run(_console(stderr=as_json), publish=print_json if as_json else None, keep=keep))


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(stderr=stderr, width=PLAIN_WIDTH)
