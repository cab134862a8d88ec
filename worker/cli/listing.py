"""How much of a list is shown, and the sentence that says what was left out."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import typer

from contracts.counted import counted
from worker.admin.listing import Page
from worker.cli.output import WRONG_USE, fail, say

USUAL = 50
"""Rows of a table without --limit and --all."""

AtMost: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help=f"How many to show, newest first; by default {USUAL} in a table, else all."),
]
AllRows: TypeAlias = Annotated[bool, typer.Option("--all", help="Show all.")]


def wanted_rows(limit: int | None, *, everything: bool, as_json: bool) -> int | None:
    """Return how many rows to read at most; None for all. Ends the command where both are given."""
    if limit is not None and everything:
        fail("Give --limit or --all, not both.", WRONG_USE)
    return limit if limit is not None or everything or as_json else USUAL


def say_how_many(page: Page[Any], what: str) -> None:
    """Say how many there are, and how to see the rest. ``what`` is one of them."""
    if page.left_out:
        say(f"{len(page.rows)} of {counted(page.total, what)}, the newest. --all shows all.")
    else:
        say(f"{counted(page.total, what)}.")
