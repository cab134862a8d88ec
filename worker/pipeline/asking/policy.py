"""When the answer of a submission that was taken is asked for, and how long. Policy only, no waiting."""

from __future__ import annotations

from contracts.immutable import immutable

_MOST_DOUBLINGS = 64
"""Further steps are as good as infinite, and a power of a float must not overflow."""


@immutable
class AskPolicy:
    """Delays in seconds. The journal's count of asks feeds it, so that a restart continues the schedule.

    With the defaults it is asked after 10, 20, 40 s and so on, then every hour, for a week since it was taken.
    """

    first: float = 10.0
    factor: float = 2.0
    maximum: float = 3_600.0
    give_up_after: float = 604_800.0

    def begin(self, asked: float | None) -> float:
        """Return the seconds until the first ask. ``asked``: the least time that the system stated."""
        return self._at_least(self.first, asked, self.give_up_after)

    def next(self, asks: int, *, left: float, asked: float | None) -> float | None:
        """Return the seconds until the next ask after this many, or None where its time is over.

        ``left``: seconds until then. The last ask is at that very time, whatever the schedule or the system say.
        """
        if left <= 0:
            return None
        grown = self.first * self.factor ** min(asks, _MOST_DOUBLINGS)
        return self._at_least(grown, asked, left)

    def _at_least(self, delay: float, asked: float | None, most: float) -> float:
        return min(max(min(delay, self.maximum), asked or 0.0), most)
