"""What commands print: tables for people, JSON for programs; problems on stderr with the right exit code."""

from __future__ import annotations

import base64
import dataclasses
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, NoReturn

import typer

from worker.cli.tables import print_table, printable

__all__ = [
    "ATTENTION", "FAILED", "WRONG_USE", "AsJson", "fail", "print_json", "print_json_list", "print_table", "say"
]  # fmt: skip

FAILED = 1
WRONG_USE = 2
ATTENTION = 3
"""The command was carried out, and what it found needs a person."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, to stdout.")]


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


async def print_json_list(items: AsyncGenerator[object, None]) -> int:
    """Print one JSON list, an item a line, without keeping it in memory. Return how many items it has.

    The items are closed here, in the loop that they run in, also where the reader of stdout has gone.
    """
    count = 0
    async with aclosing(items):
        async for item in items:
            sys.stdout.write(",\n" if count else "[\n")
            json.dump(item, sys.stdout, ensure_ascii=False, default=_plain)
            count += 1
    sys.stdout.write("\n]\n" if count else "[]\n")
    return count


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
