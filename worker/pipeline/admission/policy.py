"""When to stop asking a system (or for a signer), and when to try again. Policy only, no waiting.

While a circuit is closed, every submission may go; while it is open, none may. After a pause one submission makes a
trial, and its outcome decides.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.immutable import immutable
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

NO_SIGNATURE = frozenset({Reason.SIGNING_FAILED, Reason.CERTIFICATE_NOT_VALID})
"""Reasons for which nothing was sent, so that nothing is known of the system."""


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
    if isinstance(outcome, Blocked) and outcome.reason in NO_SIGNATURE:
        return Health.UNKNOWN
    return Health.UP


def health_of_unsent(outcome: Outcome) -> Health:
    """Tell what it says about the system that no message could be made: at most that no token is to be had.

    A refusal comes from the token service or from Herald's own checks: the system itself was not asked.
    """
    health = health_of(outcome)
    return health if health is Health.DOWN else Health.UNKNOWN


GROWTH = 1.5
"""By how much a pause is longer than the one before. A factor of 2 would keep a system that was unavailable for 10
seconds waiting for longer than 15."""
_MOST_GROWN = 50
"""Steps of growth after which every pause is the longest one: a power beyond them could overflow."""


@immutable
class CircuitPolicy:
    """``failures``: how many ordering keys must fail in a row, by at least ``signers`` signers, to open a circuit.

    Pauses are in seconds. The first trial that fails may have failed by chance, so the pause after it is as short as
    the one before it; each later pause is GROWTH times the one before, up to ``longest_pause``. ``probe_pause`` is the
    time between two probes, and ``probe_failures`` is how many must fail in a row to count.
    """

    failures: int = 10
    signers: int = 1
    pause: float = 1.0
    longest_pause: float = 30.0
    probe_pause: float = 2.0
    probe_failures: int = 3


class BreakerState:
    """The state of one circuit breaker. ``open_reason`` says what opened the circuit; None while it is closed.

    Failures count by ordering key, once each: one patient whom the system cannot serve opens no circuit, however
    often the submission is tried.
    """

    def __init__(self, policy: CircuitPolicy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._failing: dict[bytes, str] = {}
        self._failed_trials = 0
        self.on_probation = False
        """Whether the circuit was closed without a trial: the next failure opens it again."""
        self.open_reason: str | None = None
        self.opened_at = 0.0
        """When it was opened last, also by a trial that failed; by the monotonic clock, as `trial_at` is."""
        self.trial_at = 0.0
        """When a trial may be made; it means something only while the circuit is open."""

    @property
    def is_open(self) -> bool:
        """Whether no submission may go."""
        return self.open_reason is not None

    def record(self, health: Health, key: bytes, signer: str, why: str) -> None:
        """Take in an exchange's outcome that was no trial.

        While the circuit is open, that exchange began before. Its failure is no news; its success is, as it shows
        that the system answers now: the next trial is due.
        """
        if health is Health.UP:
            self._failing.clear()
            self._failed_trials, self.on_probation = 0, False
            self.hasten()
        elif health is Health.DOWN and not self.is_open:
            self._failing[key] = signer
            if self.on_probation or self._enough():
                self.open(why)

    def _enough(self) -> bool:
        signers = set(self._failing.values())
        return len(self._failing) >= self._policy.failures and len(signers) >= self._policy.signers

    def open(self, why: str) -> None:
        """Open the circuit for a pause; an open one was tried in vain, or is closed on probation."""
        if self.is_open or self.on_probation:
            self._failed_trials += 1
        self._failing.clear()
        self.open_reason, self.opened_at = why, self._monotonic()
        self.on_probation = False
        self.put_off(self._pause())

    def put_off(self, seconds: float) -> None:
        """Make no trial for so long, unless it is hastened."""
        self.trial_at = self._monotonic() + seconds

    def hasten(self) -> None:
        """Let a trial be made at once, but never sooner than the shortest pause after the circuit was opened."""
        soonest = max(self._monotonic(), self.opened_at + self._policy.pause)
        self.trial_at = min(self.trial_at, soonest)

    def close(self, *, on_probation: bool = False) -> None:
        """Close the circuit. ``on_probation``: no trial was made; the next failure opens it again."""
        self.open_reason, self.on_probation = None, on_probation
        self._failing.clear()
        if not on_probation:
            self._failed_trials = 0

    def forget(self) -> None:
        """Forget the failures so far: another circuit breaker has opened for them."""
        self._failing.clear()

    def _pause(self) -> float:
        grown = self._policy.pause * GROWTH ** min(max(self._failed_trials - 1, 0), _MOST_GROWN)
        return min(grown, self._policy.longest_pause)
