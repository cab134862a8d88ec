"""When to try again: exponential with jitter, bounded by the time since the first attempt. Policy only, no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from tenacity import RetryCallState, wait_exponential

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays in seconds. The journal's attempt count feeds it, so a restart continues the schedule.

    With the defaults the delays are about 1, 2, 4, … 300 s, each up to `jitter` (a share of itself) longer.
    ``longest_asked`` caps what a system may ask for by Retry-After.
    """

    initial: float = 1.0
    maximum: float = 300.0
    jitter: float = 0.2
    give_up_after: float = 86_400.0
    longest_asked: float = 3_600.0

    @property
    def longest_wait(self) -> float:
        """The longest time that the schedule ever puts between two attempts, in seconds."""
        return max(self.maximum * (1 + self.jitter), self.longest_asked)

    def next_attempt(
        self,
        *,
        attempts: int,
        first_attempt: datetime,
        now: datetime,
        asked: float | None,
        random: Random,
    ) -> datetime | None:
        """Return when to try again after `attempts` tries, or None where the time for trying is over."""
        delay = self._delay(attempts) * (1 + self.jitter * random.random())
        if asked is not None:
            delay = max(delay, min(asked, self.longest_asked)) if asked > 0 else 0.0
        due = now + timedelta(seconds=delay)
        deadline = first_attempt + timedelta(seconds=self.give_up_after)
        return due if due <= deadline else None

    def _delay(self, attempts: int) -> float:
        state = RetryCallState(cast("Any", None), None, (), {})
        state.attempt_number = max(attempts, 1)
        return float(wait_exponential(multiplier=self.initial, max=self.maximum)(state))
