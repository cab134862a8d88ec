"""Tables for people: they fit the terminal, and lose nothing that `--json` or `show` would not give."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.immutable import immutable

UNFOLDED = 250
"""The width in characters of a table that is piped or written to a file, where no variable COLUMNS gives one."""
_NARROWEST = 20
_GAP = 1  # between columns
_READABLE = 20
"""A column of at least so many characters may fold a sentence into any number of lines."""
_MOST_LINES = 3
"""Of a text in a narrower column."""
_SHORT_ID = 8
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@immutable
class Cell:
    """A value with a shorter form, for a terminal on which the whole table does not fit."""

    wide: str
    narrow: str


def print_table(
    heads: Sequence[str | Cell],
    rows: Iterable[Sequence[object]],
    *,
    spare: Collection[str] = (),
    below: bool = False,
) -> None:
    """Print a table; `None` shows as a dash, times are UTC. What is too wide is folded between words, never cut.

    ``heads`` name the columns; where all are empty, no line of names is printed. ``below`` another table, a blank
    line comes first.

    Where it does not fit, short forms stand in; where that is too wide too, the columns of ``spare`` are left out,
    which stderr says. Where a word would still be folded, or a sentence squeezed into a narrow column, each row is
    printed as lines of a name and a value.
    """
    if below:
        typer.echo()
    width = _width()
    columns = [_cell(head).wide for head in heads]
    cells = [[_cell(value) for value in row] for row in rows]
    shown = [[cell.wide for cell in row] for row in cells]
    kept = list(range(len(columns)))
    if _needed(columns, shown, kept) > width:
        shown = [[cell.narrow for cell in row] for row in cells]
        leaving = [columns.index(name) for name in spare]
        columns = [_cell(head).narrow for head in heads]
        for place in leaving:
            if _needed(columns, shown, kept) > width:
                kept.remove(place)
    if left_out := [name for place, name in enumerate(columns) if place not in kept]:
        how = f"A wider terminal, COLUMNS={UNFOLDED} or --json shows all."
        typer.echo(f"Not shown at this width: {', '.join(left_out)}. {how}", err=True)
    longest = [max(map(_longest_word, (columns[place], *(row[place] for row in shown)))) for place in kept]
    widths = _widths([_widest(columns, shown, place) for place in kept], longest, width)
    too_narrow = sum(widths) + _GAP * len(kept) > width or any(
        _squeezed(row[place], own) for row in shown for place, own in zip(kept, widths, strict=True)
    )
    if len(kept) > 1 and too_narrow:
        _print_blocks(columns, shown, kept, width)
    else:
        _print_rows(columns, shown, dict(zip(kept, widths, strict=True)), width)


def _print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], kept: Mapping[int, int], width: int
) -> None:
    """``kept``: the columns to print, and the width of each."""
    named = any(columns[place] for place in kept)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=named)
    for place, own in kept.items():
        table.add_column(Text(columns[place]), overflow="fold", width=own)
    for row in rows:
        table.add_row(*(Text(row[place]) for place in kept))
    Console(width=width, highlight=False).print(table)


def _print_blocks(
    columns: Sequence[str], rows: Sequence[Sequence[str]], kept: Sequence[int], width: int
) -> None:
    console = Console(width=width, highlight=False)
    for number, row in enumerate(rows):
        if number:
            console.print()
        for place in kept:
            console.print(Text(f"{columns[place]}: {row[place]}"))


def _widths(wanted: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """Take from the widest columns what does not fit, but from none so much that it folds a word."""
    widths = list(wanted)
    for _ in range(sum(wanted) + _GAP * len(wanted) - width):
        yielding = [place for place, own in enumerate(widths) if own > least[place]]
        if not yielding:
            break  # a single column of one long word
        widths[max(yielding, key=widths.__getitem__)] -= 1
    return widths


def _squeezed(text: str, width: int) -> bool:
    """Say whether a text would be a tall stack of a few words a line, which nobody reads."""
    return width < _READABLE and len(textwrap.wrap(text, width)) > _MOST_LINES


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def short_ids(ids: Collection[str]) -> Callable[[str], Cell]:
    """Return what shortens these ids to their first characters, as many as distinguish them."""
    length = _SHORT_ID
    while len({one[:length] for one in ids}) < len(set(ids)):
        length += 1
    return lambda one: Cell(one, one[:length])


def when(head: str) -> Cell:
    """Return the head of a column of `ago`: only the long form of its moments is a time in UTC."""
    return Cell(f"{head} (UTC)", head)


def ago(moment: datetime | None, now: datetime) -> Cell | None:
    """Return a moment as UTC, and in short how long ago it was, or in how much time it will be."""
    if moment is None:
        return None
    seconds = int((now - moment).total_seconds())
    size, unit = next((one for one in _UNITS if abs(seconds) >= one[0]), _UNITS[-1])
    span = f"{abs(seconds) // size} {unit}"
    return Cell(_utc(moment), f"in {span}" if seconds < 0 else f"{span} ago")


def printable(text: str) -> str:
    """Escape what a terminal acts upon or hides; line breaks and tabs stay. Ids are the senders' own."""
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return Cell(_line(value.wide), _line(value.narrow))
    text = "-" if value is None else _utc(value) if isinstance(value, datetime) else _line(str(value))
    return Cell(text, text)


def _line(text: str) -> str:
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _needed(columns: Sequence[str], rows: Sequence[Sequence[str]], kept: Sequence[int]) -> int:
    return sum(_widest(columns, rows, place) for place in kept) + _GAP * len(kept)


def _widest(columns: Sequence[str], rows: Sequence[Sequence[str]], place: int) -> int:
    return max(map(cell_len, (columns[place], *(row[place] for row in rows))))


def _width() -> int:
    if sys.stdout.isatty():
        return Console().width
    asked = os.environ.get("COLUMNS", "")
    return max(int(asked), _NARROWEST) if asked.isascii() and asked.isdigit() else UNFOLDED
