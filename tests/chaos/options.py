"""The options of a run."""

from __future__ import annotations

from dataclasses import dataclass

MOST_A_SECOND = 30
"""Submissions published in a second, at most."""
LEAST_SECONDS = {True: 10, False: 55}
"""For how long the producer publishes at least, in a quick run and in a whole one."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run."""

    submissions: int
    patients: int
    workers: int
    seed: int
    minutes: float
    quick: bool = False

    @property
    def publishing_seconds(self) -> float:
        """For how long the producer publishes."""
        return max(LEAST_SECONDS[self.quick], self.submissions / MOST_A_SECOND)
