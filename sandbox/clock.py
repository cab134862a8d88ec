"""The sandbox's clock: the real one, moved by an offset so that deadlines can be tested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """UTC time plus ``offset_seconds``; TLS alone keeps to the machine's own time."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def now(self) -> datetime:
        """Return the sandbox's time, with UTC as its zone."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)
