"""Whether a consumer still makes progress, judged by when it polled last. Policy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEAD_AFTER = 120.0
"""Seconds without a poll after which the consumer counts as dead. While Kafka is unavailable, a single step of a poll
may take as long as two requests of its client need to be given up, which is 40 s each."""
REJOINING = 300.0
"""The same while partitions are being assigned, which lasts as long as Kafka is unavailable."""


class PollProgress:
    """The times of a consumer's polls. A consumer is not dead because Kafka is unavailable."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rejoining = False
        self.begin()

    def begin(self) -> None:
        """Count from now on: the time in which the worker waited for Kafka does not count as the consumer's silence."""
        self._last_poll = self._last_good_poll = self._monotonic()

    def polled(self) -> None:
        """Note that a poll began."""
        self._last_poll = self._monotonic()

    def succeeded(self) -> None:
        """Note that a poll succeeded, or failed for a reason that a restart would not remove."""
        self._last_good_poll = self._monotonic()

    def rejoining(self) -> None:
        """Note that partitions are being reassigned."""
        self._rejoining = True

    def rejoined(self) -> None:
        """Note that partitions were assigned."""
        self._rejoining = False
        self.polled()

    def dead(self) -> str | None:
        """Say why the consumer counts as dead, or None."""
        silent = self._monotonic() - self._last_poll
        if silent > (REJOINING if self._rejoining else DEAD_AFTER):
            return f"the consumer has not polled for {silent:.0f} s"
        failing = self._last_poll - self._last_good_poll
        return f"every poll has failed for {failing:.0f} s" if failing > DEAD_AFTER else None
