"""What the life of a submission reports to be measured. No library appears here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from worker.observability.metrics.labels import AskOutcome, Outcome, Stage, TokenOutcome


class Meter(Protocol):
    """Measures one system's submissions. No method raises or waits."""

    def ended(self, operation: str | None, outcome: Outcome, record_ms: int, *, replay: bool) -> None:
        """Count a record whose answer is acknowledged. ``record_ms``: its timestamp in Kafka; negative: none."""

    def died(self, reason: str) -> None:
        """Count a dead letter that Kafka acknowledged."""

    def retried(self, reason: str) -> None:
        """Count an attempt that will be followed by another one."""

    def asked(self, operation: str, outcome: AskOutcome) -> None:
        """Count an ask for an answer that comes later, or an acknowledgement of one."""

    def took(self, stage: Stage, seconds: float) -> None:
        """Note how many seconds a stage took."""

    def exchange_began(self) -> None:
        """Note that an exchange has its place."""

    def exchange_ended(self) -> None:
        """Note that it gave its place back."""

    def dated(self, header: str | None) -> None:
        """Take in the Date header of a system's answer."""

    def token_requested(self, outcome: TokenOutcome) -> None:
        """Count a request for a token that ended."""


class Unmetered:
    """Measures nothing: metrics are switched off."""

    def ended(self, operation: str | None, outcome: Outcome, record_ms: int, *, replay: bool) -> None:
        """Do nothing."""

    def died(self, reason: str) -> None:
        """Do nothing."""

    def retried(self, reason: str) -> None:
        """Do nothing."""

    def asked(self, operation: str, outcome: AskOutcome) -> None:
        """Do nothing."""

    def took(self, stage: Stage, seconds: float) -> None:
        """Do nothing."""

    def exchange_began(self) -> None:
        """Do nothing."""

    def exchange_ended(self) -> None:
        """Do nothing."""

    def dated(self, header: str | None) -> None:
        """Do nothing."""

    def token_requested(self, outcome: TokenOutcome) -> None:
        """Do nothing."""


UNMETERED = Unmetered()
