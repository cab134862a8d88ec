"""When to try again, for all operations and for single ones."""

from __future__ import annotations

from pydantic import Field

from worker.pipeline.retry import RetryPolicy
from worker.setting_types import SettingsModel

DEFAULTS = RetryPolicy()


class RetryOverride(SettingsModel):
    """The schedule of one operation; what is left out is as for all."""

    initial: float | None = Field(default=None, gt=0)
    """Seconds before the second attempt."""
    maximum: float | None = Field(default=None, gt=0)
    """The longest wait in seconds between two attempts."""
    jitter: float | None = Field(default=None, ge=0, le=1)
    """The share by which a wait may be longer, at random."""
    give_up_after: float | None = Field(default=None, ge=0)
    """Seconds after the first attempt when no other begins."""
    longest_asked: float | None = Field(default=None, ge=0)
    """The longest wait in seconds that a system's Retry-After is granted."""


class RetrySettings(SettingsModel):
    """The schedule of attempts: waits double from `initial` to `maximum` until `give_up_after`."""

    initial: float = Field(default=DEFAULTS.initial, gt=0)
    """Seconds before the second attempt."""
    maximum: float = Field(default=DEFAULTS.maximum, gt=0)
    """The longest wait in seconds between two attempts."""
    jitter: float = Field(default=DEFAULTS.jitter, ge=0, le=1)
    """The share by which a wait may be longer, at random, so that many do not come back at once."""
    give_up_after: float = Field(default=DEFAULTS.give_up_after, ge=0)
    """Seconds after the first attempt when no other begins: the submission fails (`retries-exhausted`)."""
    longest_asked: float = Field(default=DEFAULTS.longest_asked, ge=0)
    """The longest wait in seconds that a system's Retry-After is granted."""
    operations: dict[str, RetryOverride] = Field(default_factory=dict)
    """Schedules of single operations, by system and operation: `nhis.immunization.register`."""

    def policy(self, system: str, operation: str) -> RetryPolicy:
        """Return the schedule of one operation."""
        common = self.model_dump(exclude={"operations"})
        own = self.operations.get(f"{system}.{operation}", RetryOverride())
        return RetryPolicy(**{**common, **own.model_dump(exclude_none=True)})
