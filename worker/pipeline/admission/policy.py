"""When to stop asking a system (or for a signer), and when to try again. Policy only, no waiting.

Closed: everyone may go. Open: nobody. After a pause one trial may go, and what comes of it decides.
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
"""What speaks against the system or the way to it, and not against the submission."""


class Sign(StrEnum):
    """What an outcome says of the system's health."""

    WELL = "well"
    ILL = "ill"
    NONE = "none"


def sign_of(outcome: Outcome | NotArrived) -> Sign:
    """Read an outcome for what it says of the system: a refusal is a sign of life as good as a success."""
    if isinstance(outcome, Retry | Unknown):
        if outcome.reason in TROUBLE:
            return Sign.ILL
        return Sign.WELL if outcome.reason is Reason.TOKEN_REFUSED else Sign.NONE
    if isinstance(outcome, Blocked) and outcome.reason is Reason.SIGNING_FAILED:
        return Sign.NONE
    return Sign.WELL


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """``failures``: of so many different ordering keys in a row, and of no fewer ``signers``.

    Pauses in seconds, doubled up to the longest.
    """

    failures: int = 10
    signers: int = 1
    pause: float = 5.0
    longest_pause: float = 60.0


class Circuit:
    """One circuit. ``why`` says what opened it; None while it is closed.

    Failures count by ordering key, once each: one patient whom the system cannot serve opens nothing, however often
    it is tried.
    """

    def __init__(self, policy: CircuitPolicy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._failing: dict[bytes, str] = {}
        self._openings = 0
        self._on_probation = False
        self.why: str | None = None
        self.trial_at = 0.0
        """When a trial may go, by the monotonic clock; of meaning only while it is open."""

    @property
    def is_open(self) -> bool:
        """Whether nobody may go."""
        return self.why is not None

    def saw(self, sign: Sign, key: bytes, signer: str, why: str) -> None:
        """Note what came of an exchange. What comes when it is open went before that, and is old news."""
        if self.is_open or sign is Sign.NONE:
            return
        if sign is Sign.WELL:
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
        """Let nobody go for a pause, twice as long as the last one."""
        pause = min(self._policy.pause * 2**self._openings, self._policy.longest_pause)
        self._openings = min(self._openings + 1, 30)
        self._failing.clear()
        self.why, self.trial_at = why, self._monotonic() + pause

    def close(self, *, on_probation: bool = False) -> None:
        """Let everyone go. ``on_probation``: nothing was tried; the next failure opens it again."""
        self.why, self._on_probation = None, on_probation
        self._failing.clear()
        if not on_probation:
            self._openings = 0

    def forget(self) -> None:
        """Forget failures so far: they were not this one's."""
        self._failing.clear()
