"""Progress for people who watch, and for logs."""

from __future__ import annotations

import io
import re

from rich.console import Console

from demo.progress import PlainProgress, TerminalProgress, progress_on


def test_plain_lines_where_nobody_watches():
    output = io.StringIO()
    with progress_on(Console(file=output, width=100)) as progress:
        assert isinstance(progress, PlainProgress)
        progress.begin("First doses", 12)
        progress.answered(0)
        progress.answered(11)
        progress.end()

    assert re.fullmatch(
        r"First doses: 12 submissions\n  11 of 12 answered after \d+\.\d s\n", output.getvalue()
    )


def test_a_bar_on_a_terminal():
    output = io.StringIO()
    with progress_on(Console(file=output, width=100, force_terminal=True)) as progress:
        assert isinstance(progress, TerminalProgress)
        progress.begin("First doses", 12)
        progress.answered(11)
        progress.end()

    assert "First doses" in output.getvalue()
    assert "11/12" in output.getvalue()
