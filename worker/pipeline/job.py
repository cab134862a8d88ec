"""One submission in work: what is fixed about it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.systems.port import Recovery

if TYPE_CHECKING:
    from datetime import datetime

    from worker.pipeline.ports import Claimed, Received, Schedule, Ticket
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
    """Of this very submission; see `System.recovery`."""
    ticket: Ticket
    identity: str
    revision: int
    shutdown: Shutdown
    schedule: Schedule
    worked: float = 0.0
    """Seconds of work at the present attempt that `schedule` has not counted yet; less than 0 where it counted more."""
    counted: float = 0.0
    """Seconds of the present rest that `schedule` counts as spent already."""
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
    """The end of the last exchange, as long as it is not in the journal."""
    answer: Answer | None = None

    @property
    def tried(self) -> int:
        """How often it was tried, as the reply and the dead letter tell it."""
        return self.attempts + self.unmade

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
        """Continue from where the journal says that it stood."""
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
            # Where it only reads, there is nothing to doubt: it is simply asked again.
            in_doubt=claimed.in_doubt and recovery is not Recovery.REPEAT,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
        )
