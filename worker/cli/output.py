"""What commands print: tables for people, JSON for programs; problems on stderr with the right exit code."""

from __future__ import annotations

import base64
import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNFOLDED = 250
"""The width in characters of a table that is piped or written to a file, where no terminal gives one."""
FAILED = 1
WRONG_USE = 2

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]


def say(text: str) -> None:
    """Tell a person something that is not the result."""
    typer.echo(text, err=True)


def fail(text: str, code: int = FAILED) -> NoReturn:
    """End the command with a sentence."""
    say(text)
    raise typer.Exit(code)


def print_json(document: object) -> None:
    """Print one JSON document."""
    json.dump(document, sys.stdout, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; `None` shows as a dash, times are UTC. What is too wide is folded, never cut."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        # As plain text: `[iU]` in a unit of measure is no markup of the table's.
        table.add_row(*(Text("-" if cell is None else _text(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else UNFOLDED).print(table)


def _text(cell: object) -> str:
    return cell.strftime("%Y-%m-%d %H:%M:%S") if isinstance(cell, datetime) else str(cell)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else str(value)
