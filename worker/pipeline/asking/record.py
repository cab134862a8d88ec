"""How asking goes in this worker, for the warnings of its readiness probe. Policy only."""

from __future__ import annotations

FAILURES = 5
"""Asks that must fail in a row before there is a warning: a single one says little."""
LATE = 900.0
"""Seconds after the time when it was due at which an ask is late by much."""


class AskRecord:
    """What an operator should know of a system's asks."""

    def __init__(self) -> None:
        self._failures = 0
        self._reason = ""
        self._late = 0.0

    def failed(self, reason: str) -> None:
        """Note an ask that said nothing of its submission."""
        self._failures += 1
        self._reason = reason

    def went_well(self) -> None:
        """Note an ask that the system answered, with an answer or without one yet."""
        self._failures = 0

    def taken(self, late: float) -> None:
        """Note how long after it was due the longest due submission was taken, in seconds; 0 for none."""
        self._late = late

    @property
    def failing(self) -> str | None:
        """Say why asking fails, or None."""
        if self._failures < FAILURES:
            return None
        return f"the last {self._failures} asks for answers failed: {self._reason}"

    @property
    def late(self) -> str | None:
        """Say that asks are late by much, or None."""
        if self._late < LATE:
            return None
        return f"answers are asked for {self._late:.0f} s late: raise asking.in_flight, or start more workers"
