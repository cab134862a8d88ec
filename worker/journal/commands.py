"""What the journal is asked to write: one small value per request, with the key that orders them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable
from worker.journal.encoding import storable
from worker.journal.held_command import Held, Key
from worker.journal.waiting_commands import (
    Acknowledge,
    FindWaiting,
    Hasten,
    Postpone,
    SendAsk,
    TakeDue,
    Wait,
    Waited,
)
from worker.pipeline.ports import (
    Claimed,
    ClaimRequest,
    ClaimResult,
    DeadLetter,
    DueAnswer,
    Final,
    Place,
    Received,
    Schedule,
    Sending,
)

if TYPE_CHECKING:
    from datetime import datetime

    from worker.journal.keeping_notifications import Row


@immutable
class Claim:
    """Insert the submission, resume it, or return its stored reply."""

    request: ClaimRequest
    weight = 0

    @property
    def key(self) -> Key:
        """The submission."""
        return storable(self.request.source), storable(self.request.id)


@immutable
class Send(Held):
    """Make an attempt durable before it is sent."""

    sending: Sending
    in_doubt: bool

    @property
    def weight(self) -> int:
        """The signed bytes."""
        return len(self.sending.request)


@immutable
class Receive(Held):
    """Make the end of an attempt durable."""

    received: Received | None
    in_doubt: bool
    schedule: Schedule
    progress: bytes | None = None
    """As it is stored; None where it stays."""

    @property
    def weight(self) -> int:
        """The answer."""
        return len(self.received.body or b"") if self.received else 0


@immutable
class FinishSubmission(Held):
    """Make the outcome durable."""

    final: Final
    received: Received | None
    notices: tuple[Row, ...] = ()
    """The rows of what is published besides the reply."""

    @property
    def weight(self) -> int:
        """The answer, the reply, the dead letter and the notifications."""
        answer = len(self.received.body or b"") if self.received else 0
        dead = len(self.final.dead_letter.event.value or b"") if self.final.dead_letter else 0
        notices = sum(len(one.event.value or b"") for one in self.final.notices)
        return answer + dead + notices + len(self.final.reply.value or b"")


@immutable
class Release(Held):
    """Release a claim."""


@immutable
class MarkAnswered:
    """Note that Kafka acknowledged the reply."""

    source: str
    id: str
    revision: int
    place: Place
    """The record that was answered."""
    weight = 0

    @property
    def key(self) -> Key:
        """The submission."""
        return storable(self.source), storable(self.id)


@immutable
class FindParked:
    """Tell whether a dead letter is kept already."""

    dead_letter: DeadLetter
    weight = 0

    @property
    def key(self) -> Key:
        """The dead letter."""
        return "", storable(self.dead_letter.id)


@immutable
class Park:
    """Keep a dead letter."""

    dead_letter: DeadLetter
    at: datetime

    @property
    def key(self) -> Key:
        """The dead letter; the empty source keeps it apart from submissions, which have one."""
        return "", storable(self.dead_letter.id)

    @property
    def weight(self) -> int:
        """The record as it came."""
        return len(self.dead_letter.event.value or b"")


@immutable
class MarkPublished:
    """Note that Kafka acknowledged the event of a parked dead letter."""

    dead_letter_id: str
    topic_id: str | None
    weight = 0

    @property
    def key(self) -> Key:
        """The dead letter."""
        return "", storable(self.dead_letter_id)


Command: TypeAlias = (
    Claim | Send | Receive | FinishSubmission | MarkAnswered | Release | FindParked | Park | MarkPublished
    | Wait | SendAsk | Postpone | Acknowledge | Waited | FindWaiting | TakeDue | Hasten
)  # fmt: skip

Result: TypeAlias = ClaimResult | tuple[DueAnswer, ...] | Exception | bool | None
"""What a command came to. An exception is raised to the caller."""


def undoing(command: Command, result: Result) -> Command | None:
    """Return the command that undoes a result whose caller is gone: a claim without a holder would never end."""
    if isinstance(command, Claim) and isinstance(result, Claimed):
        return Release(result.ticket)
    return None
