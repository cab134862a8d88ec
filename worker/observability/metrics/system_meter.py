"""What the submissions of one system move. Each child of a metric is resolved once: a submission pays little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.observability.metrics import declared
from worker.observability.metrics.labels import OTHER, AskOutcome, Outcome, Stage, TokenOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worker.observability.metrics.instruments import Instruments

FUTURE = 1.0
"""Seconds by which a record's timestamp may be ahead of the worker's clock before it counts as such."""
_AT_FIRST = (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.FAILED, Outcome.HELD)
"""Outcomes that every operation shows from the start, so that the first of them is an increase."""


class SystemMeter:
    """Implements `pipeline.meter.Meter` for one system. ``now`` is in Unix seconds."""

    def __init__(self, system: str, instruments: Instruments, now: Callable[[], float]) -> None:
        self._system = system
        self._instruments = instruments
        self._now = now
        self._operations: frozenset[str] = frozenset()
        self._ended: dict[tuple[str, Outcome], Callable[[], None]] = {}
        self._age = instruments.histogram(declared.SUBMISSION_AGE, system)
        self._ahead = instruments.counter(declared.AHEAD_OF_CLOCK, system)
        self._stages = {
            stage: instruments.histogram(declared.STAGE_DURATION, system, stage.value) for stage in Stage
        }
        reasons = [*(reason.value for reason in Reason), OTHER]
        self._retries = {one: instruments.counter(declared.RETRIES, system, one) for one in reasons}
        self._letters = {one: instruments.counter(declared.DEAD_LETTERS, system, one) for one in reasons}
        self._replays = {one: instruments.counter(declared.REPLAYS, system, one.value) for one in Outcome}
        self._tokens = {
            one: instruments.counter(declared.TOKEN_REQUESTS, system, one.value) for one in TokenOutcome
        }
        self.in_flight = 0
        """Exchanges that hold a place at present."""
        self.date: tuple[str, float] | None = None
        """The last Date header of the system, and when it came (Unix time)."""

    def know(self, operations: Iterable[str]) -> None:
        """Count these operations by name, and every other one as `other`."""
        self._operations = frozenset(operations)
        for name in sorted(self._operations):
            for outcome in _AT_FIRST:
                self._count(name, outcome)

    def ended(self, operation: str | None, outcome: Outcome, record_ms: int, *, replay: bool) -> None:
        """Count a record whose answer is acknowledged. ``record_ms``: its timestamp in Kafka; negative: none."""
        name = operation if operation in self._operations else OTHER
        (self._ended.get((name, outcome)) or self._count(name, outcome))()
        if replay:
            self._replays[outcome]()
        if record_ms >= 0:
            age = self._now() - record_ms / 1000
            self._age(max(age, 0.0))
            if age < -FUTURE:
                self._ahead()

    def asked(self, operation: str, outcome: AskOutcome) -> None:
        """Count an ask for an answer that comes later, or an acknowledgement of one."""
        name = operation if operation in self._operations else OTHER
        self._instruments.counter(declared.ASKS, self._system, name, outcome.value)()

    def died(self, reason: str) -> None:
        """Count a dead letter that Kafka acknowledged."""
        self._letters[reason if reason in self._letters else OTHER]()

    def retried(self, reason: str) -> None:
        """Count an attempt that will be followed by another one."""
        self._retries[reason if reason in self._retries else OTHER]()

    def token_requested(self, outcome: TokenOutcome) -> None:
        """Count a request for a token that ended."""
        self._tokens[outcome]()

    def took(self, stage: Stage, seconds: float) -> None:
        """Note how long a stage took."""
        self._stages[stage](seconds)

    def exchange_began(self) -> None:
        """Note that an exchange has its place."""
        self.in_flight += 1

    def exchange_ended(self) -> None:
        """Note that it gave its place back."""
        self.in_flight -= 1

    def dated(self, header: str | None) -> None:
        """Keep the Date header of an answer; it is only read at a scrape."""
        if header is not None:
            self.date = header, self._now()

    def _count(self, operation: str, outcome: Outcome) -> Callable[[], None]:
        found = self._instruments.counter(declared.SUBMISSIONS, self._system, operation, outcome.value)
        self._ended[operation, outcome] = found
        return found
