"""When the first step of a message was taken: by the clock of Herald, and by that which the system's answer states.

One of the two may be wrong, and nothing tells which. A message of the outbox is certainly of another time only where it
is by both; and it may be this one, which a person decides, where they disagree. Where the system states no time, a
wrong clock is noticed only by a time that is still to come.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from contracts.immutable import immutable
from worker.transport.stated_time import stated_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.transport.port import Answer

_EARLIEST, _LATEST = "begun", "begun-latest"
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the system's clock may be behind Herald's: more than clocks that are set by the network ever differ, and
short enough that an earlier message of the same service is rarely taken for this one."""
_UNKNOWN = timedelta(days=7)
"""How long a message may have been under way whose beginning is not known."""


@immutable
class Begun:
    """The earlier and the later of two times, in UTC."""

    earliest: datetime
    latest: datetime

    @classmethod
    def by(cls, now: datetime, answer: Answer) -> Self:
        """Return when a step was taken whose answer is read ``now``; its `Date` is the other clock, if it has one."""
        times = (now, stated_time(answer) or now)
        return cls(min(times), max(times))

    @classmethod
    def of(cls, progress: Mapping[str, str]) -> Self:
        """Return what a progress keeps. That of a version before has one time."""
        earliest = progress[_EARLIEST]
        return cls(datetime.fromisoformat(earliest), datetime.fromisoformat(progress.get(_LATEST, earliest)))

    def known_at(self, now: datetime) -> Self:
        """Return it as it is known ``now``. A beginning that is still to come is wrong: it was some time before.

        So it is where the system did not state its time, and in a progress of the version before.
        """
        if self.earliest <= now + CLOCKS_DIFFER:
            return self
        return type(self)(now - _UNKNOWN, self.latest)

    @staticmethod
    def is_in(progress: Mapping[str, str]) -> bool:
        """Whether a progress keeps it."""
        return _EARLIEST in progress

    def progress(self) -> dict[str, str]:
        """Return what a progress keeps, as ISO 8601 in UTC."""
        return {_EARLIEST: self.earliest.isoformat(), _LATEST: self.latest.isoformat()}
