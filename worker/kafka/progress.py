"""Whether a consumer still makes progress, by when it polled last. Policy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEAD_AFTER = 60.0
"""Seconds without a poll after which the consumer counts as dead."""
REJOINING = 300.0
"""The same while partitions are being assigned, which takes as long as Kafka is away."""


class PollProgress:
    """The times of a consumer's polls. A Kafka that is away is no death of the consumer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rejoining = False
        self.begin()

    def begin(self) -> None:
        """Count from now on: however long Kafka was waited for, that was no silence of the consumer's."""
        self._last_poll = self._last_good_poll = self._monotonic()

    def polled(self) -> None:
        """Note that a poll began."""
        self._last_poll = self._monotonic()

    def succeeded(self) -> None:
        """Note that a poll went well, or failed by what a restart would not help."""
        self._last_good_poll = self._monotonic()

    def rejoining(self) -> None:
        """Note that partitions are being assigned anew."""
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
