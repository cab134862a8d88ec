"""A worker's clock that a test moves: the wall clock runs off by the seconds that a file holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from worker import app
from worker.clock import SystemClock


class MovedClock(SystemClock):
    """The machine's clocks, the wall clock moved; time that never goes back does not move."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """Wall clock, UTC, as wrong as the file says."""
        try:
            offset = float(self._file.read_text(encoding="ascii") or 0)
        except FileNotFoundError:
            offset = 0.0
        return super().now() + timedelta(seconds=offset)


def install(file: Path) -> None:
    """Give this process's worker the moved clock."""
    app.SystemClock = lambda: MovedClock(file)  # type: ignore[assignment,misc]
