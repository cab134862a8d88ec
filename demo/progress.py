"""Showing how the run goes: bars on a terminal, a line for each phase elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from contracts.counted import counted

if TYPE_CHECKING:
    from rich.console import Console


class TerminalProgress:
    """A bar for each phase; a context manager."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("answered"),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=console)
        self._phase = self._bars.add_task("", visible=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, title: str, total: int) -> None:
        """Add a bar."""
        self._phase = self._bars.add_task(title, total=total)

    def answered(self, done: int) -> None:
        """Move the bar."""
        self._bars.update(self._phase, completed=done)

    def end(self) -> None:
        """Leave the bar as it is."""
        self._bars.stop_task(self._phase)


class PlainProgress:
    """Two lines for each phase, for logs and pipes; a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began, self._total, self._done = 0.0, 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: there is no display to close."""

    def begin(self, title: str, total: int) -> None:
        """Name the phase."""
        self._began, self._total, self._done = time.monotonic(), total, 0
        self._console.print(f"{title}: {counted(total, 'submission')}", highlight=False)

    def answered(self, done: int) -> None:
        """Keep the number for the end of the phase."""
        self._done = done

    def end(self) -> None:
        """Print how many submissions were answered."""
        seconds = time.monotonic() - self._began
        self._console.print(
            f"  {self._done} of {self._total} answered after {seconds:.1f} s", highlight=False
        )


def progress_on(console: Console) -> TerminalProgress | PlainProgress:
    """Return what suits the console."""
    return TerminalProgress(console) if console.is_terminal else PlainProgress(console)
