"""When to stop asking a system (or for a signer), and when to try again. Policy only, no waiting.

While a circuit is closed, every submission may go; while it is open, none may. After a pause one submission makes a
trial, and its outcome decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, NotArrived, Outcome, Retry, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

TROUBLE = frozenset(
    {
        Reason.CONNECTION_REFUSED,
        Reason.DNS_FAILURE,
        Reason.TLS_FAILURE,
        Reason.CONNECT_TIMEOUT,
        Reason.ANSWER_TIMEOUT,
        Reason.CONNECTION_LOST,
        Reason.ANSWER_BROKEN,
        Reason.UNAVAILABLE,
        Reason.SERVER_ERROR,
        Reason.TOKEN_UNAVAILABLE,
    }
)
"""Reasons that point to the system or to the connection, and not to the submission."""


class Health(StrEnum):
    """What an outcome says about the system's health."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


def health_of(outcome: Outcome | NotArrived) -> Health:
    """Tell what an outcome says about the system: a refusal shows that it is up, as a success does."""
    if isinstance(outcome, Retry | Unknown):
        if outcome.reason in TROUBLE:
            return Health.DOWN
        return Health.UP if outcome.reason is Reason.TOKEN_REFUSED else Health.UNKNOWN
    if isinstance(outcome, Blocked) and outcome.reason is Reason.SIGNING_FAILED:
        return Health.UNKNOWN
    return Health.UP


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """``failures``: how many ordering keys must fail in a row, by at least ``signers`` signers, to open a circuit.

    Pauses are in seconds; each is twice the one before, up to the longest.
    """

    failures: int = 10
    signers: int = 1
    pause: float = 5.0
    longest_pause: float = 60.0


class BreakerState:
    """The state of one circuit breaker. ``open_reason`` says what opened the circuit; None while it is closed.

    Failures count by ordering key, once each: one patient whom the system cannot serve opens no circuit, however
    often the submission is tried.
    """

    def __init__(self, policy: CircuitPolicy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._failing: dict[bytes, str] = {}
        self._openings = 0
        self._on_probation = False
        self.open_reason: str | None = None
        self.trial_at = 0.0
        """When a trial may be made, by the monotonic clock; it means something only while the circuit is open."""

    @property
    def is_open(self) -> bool:
        """Whether no submission may go."""
        return self.open_reason is not None

    def record(self, health: Health, key: bytes, signer: str, why: str) -> None:
        """Take in an exchange's outcome. While the circuit is open, it is ignored: that exchange began before."""
        if self.is_open or health is Health.UNKNOWN:
            return
        if health is Health.UP:
            self._failing.clear()
            self._openings, self._on_probation = 0, False
            return
        self._failing[key] = signer
        if self._on_probation or self._enough():
            self.open(why)

    def _enough(self) -> bool:
        signers = set(self._failing.values())
        return len(self._failing) >= self._policy.failures and len(signers) >= self._policy.signers

    def open(self, why: str) -> None:
        """Open the circuit for a pause, twice as long as the last one."""
        pause = min(self._policy.pause * 2**self._openings, self._policy.longest_pause)
        self._openings = min(self._openings + 1, 30)
        self._failing.clear()
        self.open_reason, self.trial_at = why, self._monotonic() + pause

    def close(self, *, on_probation: bool = False) -> None:
        """Close the circuit. ``on_probation``: no trial was made; the next failure opens it again."""
        self.open_reason, self._on_probation = None, on_probation
        self._failing.clear()
        if not on_probation:
            self._openings = 0

    def forget(self) -> None:
        """Forget the failures so far: another circuit breaker has opened for them."""
        self._failing.clear()
