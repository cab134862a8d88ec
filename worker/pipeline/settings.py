"""The settings of a submission's life: schedules, limits, circuit breakers, the flood guard, reply topics."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.flood.counting import FloodPolicy
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
    """The full name of the topic for accepted submissions."""
    errors: Topic
    """The full name of the topic for all other answers."""


class RetryOverride(SettingsModel):
    """The schedule of one operation; what is left out is as for all."""

    initial: float | None = Field(default=None, gt=0)
    """Seconds before the second attempt."""
    maximum: float | None = Field(default=None, gt=0)
    """The longest wait in seconds between two attempts."""
    jitter: float | None = Field(default=None, ge=0, le=1)
    """The share by which a wait is lengthened at random."""
    give_up_after: float | None = Field(default=None, ge=0)
    """Seconds after the first attempt when no further one begins."""
    longest_asked: float | None = Field(default=None, ge=0)
    """The longest wait in seconds that a system's Retry-After may ask for."""


class RetrySettings(SettingsModel):
    """The schedule of attempts: waits double from `initial` to `maximum` until `give_up_after`."""

    initial: float = Field(default=RETRY.initial, gt=0)
    """Seconds before the second attempt."""
    maximum: float = Field(default=RETRY.maximum, gt=0)
    """The longest wait in seconds between two attempts."""
    jitter: float = Field(default=RETRY.jitter, ge=0, le=1)
    """The share by which a wait is lengthened at random, so that retries do not coincide."""
    give_up_after: float = Field(default=RETRY.give_up_after, ge=0)
    """Seconds after the first attempt when no further one begins: the submission fails (`retries-exhausted`)."""
    longest_asked: float = Field(default=RETRY.longest_asked, ge=0)
    """The longest wait in seconds that a system's Retry-After may ask for."""
    defects: int = Field(default=RETRY.defects, ge=1)
    """Tries that end by a defect of Herald before the submission fails (`defect`) or, if in doubt, is held."""
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
    """Concurrent exchanges with this system."""
    in_flight_per_signer: int | None = Field(default=None, ge=1)
    """Concurrent exchanges of one signer with this system."""
    in_flight_per_source: int | None = Field(default=None, ge=1)
    """Concurrent exchanges for one source with this system."""
    in_flight_remote: int | None = Field(default=None, ge=1)
    """Concurrent exchanges of all signers at providers together with this system."""
    requests_per_second: Rate | None = None
    """The largest number of requests per second of one worker to this system."""
    requests_per_second_per_signer: Rate | None = None
    """Requests per second of one signer."""


class LimitSettings(SettingsModel):
    """What one worker asks of a system. With several workers, each has its share: divide by their number."""

    in_flight: int = Field(default=100, ge=1)
    """Concurrent exchanges with one system."""
    in_flight_per_signer: int = Field(default=75, ge=1)
    """Concurrent exchanges of one signer, so that slow answers for one signer leave room for the others."""
    in_flight_per_source: int = Field(default=75, ge=1)
    """Concurrent exchanges for one source, so that a flood from one source leaves room for the others."""
    in_flight_remote: int = Field(default=75, ge=1)
    """Concurrent exchanges of all signers at providers together (CSC, B-Trust, Vault): an exchange begins with its
    signature, and slow ones leave room for signers with keys in files."""
    requests_per_second: Rate | None = None
    """The largest number of requests per second to one system, without token requests; no limit by default."""
    requests_per_second_per_signer: Rate | None = None
    """Requests per second of one signer."""
    systems: dict[str, SystemLimits] = Field(default_factory=dict)
    """Limits of single systems, by name."""

    def of(self, system: str) -> LimitSettings:
        """Return the limits of one system."""
        own = self.systems.get(system, SystemLimits())
        return self.model_copy(update=own.model_dump(exclude_none=True))


class CircuitSettings(SettingsModel):
    """When nothing more is sent to a system, or for a signer, until a single trial goes well."""

    failures: int = Field(default=CIRCUIT.failures, ge=1)
    """Consecutive failures (no connection, no answer, 5xx), each of a different Kafka key, that open the circuit."""
    pause: float = Field(default=CIRCUIT.pause, gt=0)
    """Seconds before the first trial, and before the second if that fails; each later pause is longer by half."""
    longest_pause: float = Field(default=CIRCUIT.longest_pause, gt=0)
    """The longest pause in seconds between two trials."""
    probe_pause: float = Field(default=CIRCUIT.probe_pause, gt=0)
    """Seconds between two probes (`probe_path` of a system) while a circuit is open."""
    probe_failures: int = Field(default=CIRCUIT.probe_failures, ge=1)
    """Consecutive failed probes that count as a failure, if a probe has succeeded before."""

    def policy(self) -> CircuitPolicy:
        """Return these settings as the policy that the pipeline applies."""
        return CircuitPolicy(**self.model_dump())


class FloodSettings(SettingsModel):
    """When submissions wait instead of becoming dead letters: of one source, of one signer, or of an entire system.

    What was never sent because of the event counts for its source, what was refused because of the signer for the
    signer, and only the rest for the system.
    """

    share: float = Field(default=FLOOD.share, gt=0, le=1)
    """The share of dead letters among its submissions that stops a source, a signer or a system; 1: never."""
    at_least: int = Field(default=FLOOD.at_least, ge=1)
    """The smallest number of dead letters within the window that stops anything."""
    window: float = Field(default=FLOOD.window, gt=0)
    """Seconds that count."""
    probe_after: float = Field(default=FLOOD.probe_after, gt=0)
    """Seconds before a single submission is tried; if it does not become a dead letter, the stop ends."""
    dead_letters_per_minute: int = Field(default=FLOOD.dead_letters_per_minute, ge=1)
    """Dead letters per minute that one source or one signer may cause in each worker; its other submissions wait."""

    def policy(self) -> FloodPolicy:
        """Return these settings as the policy that the pipeline applies."""
        return FloodPolicy(**self.model_dump())
