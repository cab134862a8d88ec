"""One submission in progress: what is fixed about it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.pipeline.ports.claims import Schedule
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.pipeline.ports import Claimed, Received, Stated, Ticket
    from worker.pipeline.rule import Rule
    from worker.pipeline.shutdown import Shutdown
    from worker.submission import Submission
    from worker.systems.port import Operation, Prepared
    from worker.transport.port import Answer

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Job:
    """The working memory for one claimed submission; all that must survive a crash is in the journal too."""

    submission: Submission
    operation: Operation
    recovery: Recovery
    """The rule of this very submission, not of its operation in general; see `System.recovery`. Of one with steps, the
    present step's."""
    ticket: Ticket
    identity: str
    revision: int
    shutdown: Shutdown
    schedule: Schedule
    has_look_up: bool = False
    """Whether a query may show what became of the request."""
    step: str | None = None
    """The name of the present step, where the system has steps."""
    settles_after: float = 0.0
    """See `Step.settles_after`."""
    settled_at: float | None = None
    """Until when (monotonic, seconds) a look-up that shows nothing proves nothing. Counted from the first look-up of
    this worker: after a crash, it is not known to it when the request was sent."""
    progress: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    """What the steps before the present one left."""
    ruled: bool = True
    """Whether `recovery`, `has_look_up` and `step` are those that follow from `progress`."""
    forgotten: bool = False
    """Whether later steps' requests may have been sent already, see `Claimed`."""
    advances: int = 0
    """How many steps ended since this worker has it."""
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

    def looks_up(self, found: Outcome, now: float) -> None:
        """Begin, or go on, to look up what `found` means. ``now`` is monotonic."""
        self.found, self.in_doubt = found, True
        self.settled_at = now + self.settles_after if self.settled_at is None else self.settled_at
        self.submitted = self.submitted or (self.prepared, self.answer)

    def follows(self, rule: Rule) -> None:
        """Let a rule hold for the next request. What only reads leaves no doubt."""
        self.in_doubt = self.in_doubt and rule.recovery is not Recovery.REPEAT
        self.operation, self.recovery = rule.operation, rule.recovery
        self.has_look_up, self.step, self.ruled = rule.looks_up, rule.step, True
        self.settles_after = rule.settles_after

    def advance(self, progress: Mapping[str, str], due: datetime | None) -> None:
        """Turn to the next step: the doubt about the last one is over, and the time for retries begins anew."""
        self.progress, self.ruled = progress, False
        self.submission = self.submission.with_number(progress)
        self.advances += 1
        self.schedule, self.worked, self.counted = Schedule(due=due), 0.0, 0.0
        self.in_doubt, self.reauthorized = self.forgotten, False
        self.found = self.stated = self.submitted = self.settled_at = None

    def sends_anew(self) -> None:
        """Forget what was looked up: nothing had arrived, so that the next attempt sends."""
        self.found = self.submitted = self.settled_at = None

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
        rule: Rule,
        claimed: Claimed,
        shutdown: Shutdown,
    ) -> Job:
        """Make the job of a claimed submission, with the progress that the journal has of it."""
        return cls(
            submission=submission.with_number(claimed.progress),
            operation=rule.operation,
            recovery=rule.recovery,
            has_look_up=rule.looks_up,
            step=rule.step,
            settles_after=rule.settles_after,
            progress=claimed.progress,
            forgotten=claimed.forgotten,
            ticket=claimed.ticket,
            identity=claimed.identity,
            revision=claimed.revision,
            shutdown=shutdown,
            schedule=claimed.schedule,
            attempts=claimed.attempts,
            # What was sent has been checked.
            checked=claimed.attempts > 0,
            # An operation that only reads leaves no doubt: it is simply repeated.
            in_doubt=claimed.in_doubt and rule.recovery is not Recovery.REPEAT,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
            stated=claimed.stated,
        )
