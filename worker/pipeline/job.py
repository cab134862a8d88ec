"""One submission in progress: what is fixed about it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.systems.port import Recovery

if TYPE_CHECKING:
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.pipeline.ports import Claimed, Received, Schedule, Stated, Ticket
    from worker.pipeline.shutdown import Shutdown
    from worker.submission import Submission
    from worker.systems.port import Operation, Prepared
    from worker.transport.port import Answer


@dataclass(slots=True)
class Job:
    """The working memory for one claimed submission; all that must survive a crash is in the journal too."""

    submission: Submission
    operation: Operation
    recovery: Recovery
    """The rule of this very submission, not of its operation in general; see `System.recovery`."""
    ticket: Ticket
    identity: str
    revision: int
    shutdown: Shutdown
    schedule: Schedule
    worked: float = 0.0
    """Seconds of work since `schedule` counted last; negative where it counted a wait that was then cut short."""
    counted: float = 0.0
    """Seconds of the current wait that `schedule` has counted as spent already."""
    attempts: int = 0
    defects: int = 0
    """Tries that ended by a defect of Herald's since this worker has it."""
    unmade: int = 0
    """Those of them of which no message came to leave; `attempts` does not count them."""
    checked: bool = False
    in_doubt: bool = False
    first_attempt: datetime | None = None
    last_attempt: datetime | None = None
    reauthorized: bool = False
    prepared: Prepared | None = None
    received: Received | None = None
    """The end of the last exchange, until the journal has it."""
    answer: Answer | None = None
    stated: Stated | None = None
    """What the system said before this worker had the submission; read once, see `found`."""
    found: Outcome | None = None
    """What a look-up must settle: until it has, only the look-up is made, and nothing is sent again."""
    submitted: tuple[Prepared | None, Answer | None] | None = None
    """The message that `found` is about and its answer, which the reply shows unless the look-up confirms success."""

    @property
    def tried(self) -> int:
        """The number of tries that the reply and the dead letter state."""
        return self.attempts + self.unmade

    def looks_up(self, found: Outcome) -> None:
        """Begin, or go on, to look up what `found` means."""
        self.found, self.in_doubt = found, True
        self.submitted = self.submitted or (self.prepared, self.answer)

    def sends_anew(self) -> None:
        """Forget what was looked up: nothing had arrived, so that the next attempt sends."""
        self.found = self.submitted = None

    def fails(self, at: datetime) -> None:
        """Count a try that a defect ended before there was a message."""
        self.defects += 1
        self.unmade += 1
        self.first_attempt = self.first_attempt or at
        self.last_attempt = at

    @classmethod
    def resume(
        cls,
        submission: Submission,
        operation: Operation,
        recovery: Recovery,
        claimed: Claimed,
        shutdown: Shutdown,
    ) -> Job:
        """Make the job of a claimed submission, with the progress that the journal has of it."""
        return cls(
            submission=submission,
            operation=operation,
            recovery=recovery,
            ticket=claimed.ticket,
            identity=claimed.identity,
            revision=claimed.revision,
            shutdown=shutdown,
            schedule=claimed.schedule,
            attempts=claimed.attempts,
            # What was sent has been checked.
            checked=claimed.attempts > 0,
            # An operation that only reads leaves no doubt: it is simply repeated.
            in_doubt=claimed.in_doubt and recovery is not Recovery.REPEAT,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
            stated=claimed.stated,
        )
