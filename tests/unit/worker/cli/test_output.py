"""Tables lose nothing: not where they are piped, and not on a terminal that is too narrow for them."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime

import pytest

from worker.cli.output import print_table, printable, say

WORDS = ["adverse-reaction.register", "nhis.adverse-reaction.register.v1", "x" * 90]


def test_a_piped_table_has_one_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(
        ("operation", "type", "id", "at", "none"), [[*WORDS, datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None]]
    )
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["operation", "type", "id", "at", "none"]
    assert row.split() == [*WORDS, "2026-03-01", "09:30:00", "-"]


def test_a_narrow_terminal_folds_and_cuts_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    print_table(("id",), [[WORDS[2]]])
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, shown.splitlines())) <= 60
    assert re.sub(r"\s", "", shown) == "id" + WORDS[2]


HOSTILE = (
    "../../etc/passwd",
    "[red]x[/red]",
    "[/x]",
    "\x1b[2J\x1b]0;title\x07",
    "a\rb\tc",
    "\x9b31m",
    "\u202egpj.exe",
    "\x00",
)


def test_an_id_neither_moves_the_cursor_nor_is_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id",), [[one] for one in HOSTILE])
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()[1:]]
    assert shown == [
        "../../etc/passwd", "[red]x[/red]", "[/x]", r"\x1b[2J\x1b]0;title\x07", r"a\rb\tc", r"\x9b31m",
        r"\u202egpj.exe", r"\x00",
    ]  # fmt: skip


def test_sentences_are_shown_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    say("wrote \x1b[31mfile\nof Ваксина")
    assert capsys.readouterr().err == "wrote \\x1b[31mfile\nof Ваксина\n"
    assert printable("Ваксина, é, 漢") == "Ваксина, é, 漢"
