"""The settings of submissions that a system answers later."""

from __future__ import annotations

from pydantic import Field

from worker.pipeline.asking.policy import AskPolicy
from worker.setting_types import SettingsModel

ASK = AskPolicy()


class AskingOverride(SettingsModel):
    """The schedule of one system or operation; what is left out is as for all."""

    first: float | None = Field(default=None, gt=0)
    """Seconds before the answer is first asked for."""
    factor: float | None = Field(default=None, ge=1, le=10)
    """By which each further wait is longer than the one before."""
    maximum: float | None = Field(default=None, gt=0)
    """The longest wait in seconds between two asks."""
    give_up_after: float | None = Field(default=None, gt=0)
    """Seconds after the system took a submission when it is asked for the last time."""
    taken_events: bool | None = None
    """Whether an event `….taken.v1` tells that the system took a submission."""


class AskingSettings(SettingsModel):
    """How answers are asked for that a system has only later: waits grow from `first` to `maximum`.

    A setting of an operation goes before one of its system.
    """

    first: float = Field(default=ASK.first, gt=0)
    """Seconds before the answer is first asked for."""
    factor: float = Field(default=ASK.factor, ge=1, le=10)
    """By which each further wait is longer than the one before."""
    maximum: float = Field(default=ASK.maximum, gt=0)
    """The longest wait in seconds between two asks."""
    give_up_after: float = Field(default=ASK.give_up_after, gt=0)
    """Seconds after the system took a submission when it is asked for the last time; it ends as `answer-overdue`."""
    taken_events: bool = False
    """Whether an event `….taken.v1` in the topic of results tells that the system took a submission."""
    in_flight: int = Field(default=10, ge=1)
    """Concurrent asks of one worker to one system, within the system's `limits`."""
    pass_seconds: float = Field(default=2.0, gt=0)
    """Seconds between two looks of a worker at what is due."""
    systems: dict[str, AskingOverride] = Field(default_factory=dict)
    """Schedules of single systems, by name."""
    operations: dict[str, AskingOverride] = Field(default_factory=dict)
    """Schedules of single operations, by system and operation: `regix.report.request`."""

    def policy(self, system: str, operation: str) -> AskPolicy:
        """Return the schedule of one operation."""
        found = self._of(system, operation)
        return AskPolicy(found.first, found.factor, found.maximum, found.give_up_after)

    def tells_taken(self, system: str, operation: str) -> bool:
        """Whether an interim event is published for this operation."""
        return self._of(system, operation).taken_events

    def _of(self, system: str, operation: str) -> AskingSettings:
        wide = self.systems.get(system, AskingOverride())
        own = self.operations.get(f"{system}.{operation}", AskingOverride())
        changes = wide.model_dump(exclude_none=True) | own.model_dump(exclude_none=True)
        return self.model_copy(update=changes)
