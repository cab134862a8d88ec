"""`herald demo`: the scenarios on one machine, in about a minute."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from demo.scenarios import ALL, SYSTEMS, chosen
from worker.cli.output import WRONG_USE, AsJson, fail, print_json

PLAIN_WIDTH = 140
"""Columns where there is no terminal to ask, and COLUMNS does not say."""


CHOICES = (*SYSTEMS, ALL)


def _known(system: str) -> str:
    if system not in CHOICES:
        raise typer.BadParameter(f"{system!r} is not one of {', '.join(map(repr, CHOICES))}.")
    return system


System = Annotated[
    str,
    typer.Option(
        metavar=f"<{'|'.join(CHOICES)}>", callback=_known, help="The national system to run the demo for."
    ),
]


def demo(
    *,
    as_json: AsJson = False,
    system: System = ALL,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything running and print the addresses; Ctrl-C ends it.")
    ] = False,
    kafka: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Use the Kafka at this address, without encryption; Java clients can then connect too.",
        ),
    ] = None,
    real_kafka: Annotated[
        bool,
        typer.Option("--real-kafka", help="Start Apache Kafka; needs Java 17, and Maven to fetch it."),
    ] = False,
) -> None:
    """Run a hospital's submissions against sandboxes, and check the outcomes against their ledgers.

    Exit 0 only if every outcome is the expected one, and the ledgers say the same.

    With --json, stdout has one document: submissions, accepted, rejected, failed (failed and held replies),
    dead_letters, registered (in words, by system), mismatches (sentences; none when all is well), seconds.
    """
    if kafka is not None and real_kafka:
        fail("Give --kafka or --real-kafka, not both.", WRONG_USE)
    try:
        # Their libraries come with the extra `demo`.
        from demo.run import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        fail(f"The demo cannot start: {error}. Install herald-worker[demo].", WRONG_USE)
    publish = print_json if as_json else None
    raise typer.Exit(
        run(
            _console(stderr=as_json),
            publish=publish,
            keep=keep,
            scenarios=chosen(system),
            kafka=kafka,
            real_kafka=real_kafka,
        )
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(stderr=stderr, width=PLAIN_WIDTH)
