"""What commands print: tables for people, JSON for programs; problems on stderr with the right exit code."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
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
_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters but the line feed, what changes the direction of writing, and halves of surrogate pairs."""
FAILED = 1
WRONG_USE = 2

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]


def say(text: str) -> None:
    """Tell a person something that is not the result."""
    typer.echo(printable(text), err=True)


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
        # As `Text`: a string would be read as markup, and `[/x]` in an id be an error.
        table.add_row(*(Text("-" if cell is None else printable(_text(cell))) for cell in row))
    Console(width=None if sys.stdout.isatty() else UNFOLDED).print(table)


def printable(text: str) -> str:
    """Return a text that others wrote with its control characters as escapes: a terminal would obey them."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


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
