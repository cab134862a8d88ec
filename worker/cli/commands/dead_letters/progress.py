"""How far a replay has come: a sentence, and a bar on a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from worker.cli.output import say

_COLUMNS = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class ProgressBar:
    """Implements `ReplayProgress` on stderr; the bar is there on a terminal only."""

    def __init__(self) -> None:
        self._bars = Progress(*_COLUMNS, console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._bars.stop()

    def begins(self, *, begun: int, ordered: int) -> None:
        """Say what an earlier replay left, and show the bar."""
        if begun:
            say(f"Finishing {begun} that an earlier replay had started.")
        self._bars.start()
        self._task = self._bars.add_task("", total=begun + ordered)

    def advanced(self, more: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bars.advance(self._task, more)
