"""`herald demo`: the scenarios on one machine, in less than a minute."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from worker.cli.output import WRONG_USE, AsJson, fail, print_json

PLAIN_WIDTH = 140
"""Columns where there is no terminal to ask, and COLUMNS does not say."""


class Systems(StrEnum):
    """What the demo can run for."""

    NHIS = "nhis"
    NHIF = "nhif"
    ERX = "erx"
    KZ_SHEP = "kz-shep"
    ALL = "all"


def demo(
    *,
    as_json: AsJson = False,
    system: Annotated[Systems, typer.Option(help="For which national system to run.")] = Systems.ALL,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running and print where; Ctrl-C ends it.")
    ] = False,
) -> None:
    """Run a hospital's submissions against sandboxes of the systems, and check the outcomes by their ledgers.

    Exit 0 only if every outcome is the expected one, and the ledgers say the same.

    With --json, stdout has one document: submissions, accepted, rejected, failed (failed and held replies),
    dead_letters, registered (in words, by system), mismatches (sentences; none when all is well), seconds.
    """
    try:
        # Their libraries come with the extra `demo`.
        from demo.run import run  # noqa: PLC0415
        from demo.scenarios import chosen  # noqa: PLC0415
    except ModuleNotFoundError as error:
        fail(f"The demo cannot start: {error}. Install herald-worker[demo].", WRONG_USE)
    publish = print_json if as_json else None
    raise typer.Exit(
        run(_console(stderr=as_json), publish=publish, keep=keep, scenarios=chosen(system.value))
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(stderr=stderr, width=PLAIN_WIDTH)
