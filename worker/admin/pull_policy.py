"""Which code lists are due, and when to try again after a failure. Policy only: no clock, no journal, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.pipeline.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

JITTER = 0.1
"""The share of the interval by which a pull is put off at random: many hospitals must not ask at the same moment."""
LONGEST_JITTER = 3600.0
"""Seconds."""
ALMOST = 0.9
"""Lists that have reached this share of the interval go with one that is due: they stay one pull a day."""

_RETRIES = RetryPolicy(initial=60.0, maximum=3600.0)


@immutable
class PullPolicy:
    """``lists`` are kept no older than ``every`` seconds, and the jitter."""

    lists: tuple[str, ...]
    every: float

    def due(self, fetched: Mapping[str, datetime], now: datetime, spread: float) -> tuple[str, ...]:
        """Return the lists to pull now, in the order of the settings; ``fetched`` says when each was pulled last.

        ``spread`` is from 0 to 1: which part of the jitter to wait. A list that was never pulled waits for nothing. A
        time that is further in the future than the interval came from a clock that was wrong: that list is due too.
        """
        ages = {name: abs((now - at).total_seconds()) for name, at in fetched.items()}
        jitter = min(self.every * JITTER, LONGEST_JITTER) * spread
        if all(ages.get(name, self.every + jitter) < self.every + jitter for name in self.lists):
            return ()
        return tuple(name for name in self.lists if ages.get(name, self.every) >= self.every * ALMOST)


def pause_after(failures: int, random: Random) -> float:
    """Return the seconds until the next attempt: about 1, 2, 4, … 60 minutes."""
    pause = _RETRIES.delay(tries=failures, spent=0.0, asked=None, random=random)
    assert pause is not None  # noqa: S101  # the schedule has no end: no time was spent
    return pause
