"""Calls of a system that do not return. Each is bounded by timeouts, so one that outlives them all is a defect.

What waits outside of a call (for a circuit, a retry, the journal, Kafka) is not in here, however long it waits.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 600.0
"""Seconds after which a call may count as hanging at the earliest."""
REQUESTS = 10
"""A call makes a few requests (a challenge, a token, the message), each bounded by `transport.total_timeout`."""


class RunningCalls:
    """The calls that run at present, in the order in which they began."""

    def __init__(self, monotonic: Callable[[], float], request_seconds: float) -> None:
        """``request_seconds``: the longest that one request may take."""
        self._monotonic = monotonic
        self._longest = max(LEAST, request_seconds * REQUESTS)
        self._began: dict[int, float] = {}
        self._numbers = count()

    def one(self) -> RunningCall:
        """Return a context manager; hold it while a call runs."""
        return RunningCall(self._began, next(self._numbers), self._monotonic)

    def hanging(self) -> str | None:
        """Say for how long the oldest call has run, where that is too long; else None."""
        oldest = next(iter(self._began.values()), None)
        seconds = 0.0 if oldest is None else self._monotonic() - oldest
        return f"a call has not returned for {seconds:.0f} s" if seconds > self._longest else None


class RunningCall:
    """One call: in ``began`` while it runs."""

    __slots__ = ("_began", "_monotonic", "_number")

    def __init__(self, began: dict[int, float], number: int, monotonic: Callable[[], float]) -> None:
        self._began = began
        self._number = number
        self._monotonic = monotonic

    def __enter__(self) -> None:
        self._began[self._number] = self._monotonic()

    def __exit__(self, *_: object) -> None:
        del self._began[self._number]
