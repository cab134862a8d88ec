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
    in_doubt: bool = False
    first_attempt: datetime | None = None
    last_attempt: datetime | None = None
    reauthorized: bool = False
    prepared: Prepared | None = None
    received: Received | None = None
    """The end of the last exchange, as long as it is not in the journal."""
    answer: Answer | None = None

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
            # Where it only reads, there is nothing to doubt: it is simply asked again.
            in_doubt=claimed.in_doubt and recovery is not Recovery.REPEAT,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
        )
