"""The settings of a submission's life: schedules, limits, circuit breakers, the flood guard, reply topics."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.flood_guard import FloodPolicy
from worker.pipeline.retry import RetryPolicy
from worker.setting_types import SettingsModel, must_be

CIRCUIT, FLOOD, RETRY = CircuitPolicy(), FloodPolicy(), RetryPolicy()
Rate = Annotated[float, Field(gt=0, le=10_000)]
Topic = Annotated[str, must_be(r"[A-Za-z0-9._-]{1,249}", "a topic's name: letters a-z, digits and . _ -")]


class ReplyRoute(SettingsModel):
    """Replies to events of some sources go to topics of their own. The first route that fits counts."""

    source: Annotated[str, Field(min_length=1)]
    """The events' `source`; `*`, `?` and `[…]` as in file names."""
    results: Topic
    """The topic for accepted submissions, its whole name."""
    errors: Topic
    """The topic for all other answers, its whole name."""


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

    initial: float = Field(default=RETRY.initial, gt=0)
    """Seconds before the second attempt."""
    maximum: float = Field(default=RETRY.maximum, gt=0)
    """The longest wait in seconds between two attempts."""
    jitter: float = Field(default=RETRY.jitter, ge=0, le=1)
    """The share by which a wait may be longer, at random, so that many do not come back at once."""
    give_up_after: float = Field(default=RETRY.give_up_after, ge=0)
    """Seconds after the first attempt when no other begins: the submission fails (`retries-exhausted`)."""
    longest_asked: float = Field(default=RETRY.longest_asked, ge=0)
    """The longest wait in seconds that a system's Retry-After is granted."""
    defects: int = Field(default=RETRY.defects, ge=1)
    """Tries that end by a defect of Herald's after which the submission fails (`defect`), or is held in doubt."""
    operations: dict[str, RetryOverride] = Field(default_factory=dict)
    """Schedules of single operations, by system and operation: `nhis.immunization.register`."""

    def policy(self, system: str, operation: str) -> RetryPolicy:
        """Return the schedule of one operation."""
        common = self.model_dump(exclude={"operations"})
        own = self.operations.get(f"{system}.{operation}", RetryOverride())
        return RetryPolicy(**{**common, **own.model_dump(exclude_none=True)})


class SystemLimits(SettingsModel):
    """The limits of one system; what is left out is as for all."""

    in_flight: int | None = Field(default=None, ge=1)
    """Exchanges with this system at once."""
    in_flight_per_signer: int | None = Field(default=None, ge=1)
    """Exchanges of one signer with this system at once."""
    requests_per_second: Rate | None = None
    """The most requests a second to this system, of this worker."""
    requests_per_second_per_signer: Rate | None = None
    """Requests of one signer a second."""


class LimitSettings(SettingsModel):
    """What one worker asks of a system. With several workers, each has its share: divide by their number."""

    in_flight: int = Field(default=100, ge=1)
    """Exchanges with one system at once."""
    in_flight_per_signer: int = Field(default=75, ge=1)
    """Exchanges of one signer at once, so that a signer whose answers are slow leaves room for the others."""
    requests_per_second: Rate | None = None
    """The most requests a second to one system, token requests not counted; without it no limit."""
    requests_per_second_per_signer: Rate | None = None
    """Requests of one signer a second."""
    systems: dict[str, SystemLimits] = Field(default_factory=dict)
    """Limits of single systems, by name."""

    def of(self, system: str) -> LimitSettings:
        """Return the limits of one system."""
        own = self.systems.get(system, SystemLimits())
        return self.model_copy(update=own.model_dump(exclude_none=True))


class CircuitSettings(SettingsModel):
    """When nothing more is sent to a system, or for a signer, until a single trial goes well."""

    failures: int = Field(default=CIRCUIT.failures, ge=1)
    """Failures in a row (no connection, no answer, 5xx), of so many different Kafka keys, that open it."""
    pause: float = Field(default=CIRCUIT.pause, gt=0)
    """Seconds before the first trial, and before the second if that fails; each later pause is longer by half."""
    longest_pause: float = Field(default=CIRCUIT.longest_pause, gt=0)
    """The longest pause in seconds between two trials."""
    probe_pause: float = Field(default=CIRCUIT.probe_pause, gt=0)
    """Seconds between two probes (`probe_path` of a system) while a circuit is open."""
    probe_failures: int = Field(default=CIRCUIT.probe_failures, ge=1)
    """Probes in a row that must fail to count, and only where one has succeeded before."""

    def policy(self) -> CircuitPolicy:
        """Return these settings as the policy that the pipeline applies."""
        return CircuitPolicy(**self.model_dump())


class FloodSettings(SettingsModel):
    """When intake stops instead of draining a topic into dead letters."""

    share: float = Field(default=FLOOD.share, gt=0, le=1)
    """The share of submissions that became dead letters which stops intake; 1 never does."""
    at_least: int = Field(default=FLOOD.at_least, ge=1)
    """Dead letters within the window below which intake never stops."""
    window: float = Field(default=FLOOD.window, gt=0)
    """Seconds that count."""
    probe_after: float = Field(default=FLOOD.probe_after, gt=0)
    """Seconds after which a single submission is tried; if it becomes no dead letter, intake resumes by itself."""

    def policy(self) -> FloodPolicy:
        """Return these settings as the policy that the pipeline applies."""
        return FloodPolicy(**self.model_dump())
