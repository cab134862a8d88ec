"""When to try again: exponential backoff with jitter, bounded by the time spent. Policy only, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tenacity import RetryCallState, wait_exponential

from contracts.immutable import immutable

if TYPE_CHECKING:
    from random import Random


@immutable
class RetryPolicy:
    """Delays in seconds. The journal's count of tries feeds it, so a restart continues the schedule.

    With the defaults the delays are about 1, 2, 4, … 300 s, each up to `jitter` (a share of itself) longer.
    ``longest_asked`` caps what a system may ask for by Retry-After. ``defects``: so many tries that end by a defect of
    Herald's are the last.
    """

    initial: float = 1.0
    maximum: float = 300.0
    jitter: float = 0.2
    give_up_after: float = 86_400.0
    longest_asked: float = 3_600.0
    defects: int = 3

    @property
    def longest_wait(self) -> float:
        """The longest time that the schedule ever puts between two attempts, in seconds."""
        return max(self.maximum * (1 + self.jitter), self.longest_asked)

    def delay(self, *, tries: int, spent: float, asked: float | None, random: Random) -> float | None:
        """Return the seconds to wait after this many tries, or None if the time for retries is over.

        ``spent``: seconds of attempts and waits so far. ``asked``: the wait that the system asked for; 0: none.
        """
        delay = self._delay(tries) * (1 + self.jitter * random.random())
        if asked is not None:
            delay = max(delay, min(asked, self.longest_asked)) if asked > 0 else 0.0
        return delay if spent + delay <= self.give_up_after else None

    def pause(self, *, spent: float, asked: float) -> float | None:
        """Return the seconds until a step that is not done is asked about again, or None if the time is over.

        ``asked``: the wait that the system's package asked for; ``spent`` as for `delay`.
        """
        delay = min(max(asked, self.initial), self.longest_wait)
        return delay if spent + delay <= self.give_up_after else None

    def _delay(self, tries: int) -> float:
        state = RetryCallState(cast("Any", None), None, (), {})
        state.attempt_number = max(tries, 1)
        return float(wait_exponential(multiplier=self.initial, max=self.maximum)(state))
