"""The settings of looking for news at national systems."""

from __future__ import annotations

from pydantic import Field

from worker.pipeline.retry import RetryPolicy
from worker.setting_types import SettingsModel

_FOREVER = float("inf")


class LookingSettings(SettingsModel):
    """How workers look for what arrived at a system, such as in an inbox.

    The system's own settings name the places, and the seconds between two looks at each.
    """

    least_seconds: float = Field(default=5.0, gt=0)
    """The shortest time between two looks at a place, whatever its pace is and however many calls say that something
    arrived. A place that has more to show is looked at again at once."""
    look_seconds: float = Field(default=60.0, gt=0, le=600)
    """The longest time of one look; one that takes longer has failed. After a crash of a worker, another one looks at
    its places 30 seconds after this time."""
    first: float = Field(default=10.0, gt=0)
    """Seconds until the next look after one that failed; each further wait is about twice as long."""
    maximum: float = Field(default=900.0, gt=0)
    """The longest such wait in seconds, but for what the system asks for (`Retry-After`, up to an hour)."""
    in_flight: int = Field(default=4, ge=1)
    """Concurrent looks of one worker at one system."""
    pass_seconds: float = Field(default=2.0, gt=0)
    """Seconds between two questions of a worker to the journal which places are due."""

    def after_failures(self) -> RetryPolicy:
        """Return the schedule of looks that fail; it never ends."""
        return RetryPolicy(initial=self.first, maximum=self.maximum, give_up_after=_FOREVER)
