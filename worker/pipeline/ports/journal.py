"""The journal as the life of a submission needs it: every step is durable before the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from worker.pipeline.ports.waiting import WaitingJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.pipeline.ports.attempts import Received, Sending
    from worker.pipeline.ports.claims import ClaimRequest, ClaimResult, Schedule, State, Ticket
    from worker.pipeline.ports.notifications import Notification
    from worker.pipeline.ports.records import DeadLetter, Event, Place


@immutable
class Final:
    """The end of a revision: its state, its reply, and its dead letter where it has one.

    ``reference`` is what the system calls the accepted submission, where it may call Herald about it later. ``notices``
    are kept with it, and published besides the reply: of one name the first stays. ``files`` are the ids of those that
    the reply refers to.
    """

    state: State
    reply: Event
    dead_letter: DeadLetter | None
    at: datetime
    reference: str | None = None
    notices: tuple[Notification, ...] = ()
    files: tuple[str, ...] = ()


class Fenced(Exception):
    """The ticket is no longer valid: another worker took over, or the lease ran out. Nothing may be sent.

    The state `sending` may have been written all the same, where the lease ran out before the commit came back.
    """


class JournalOutage(Exception):
    """The journal is unavailable at present."""


class Journal(WaitingJournal, Protocol):
    """The durable memory. Every method survives an outage by waiting; it raises only Fenced."""

    async def claim(self, request: ClaimRequest) -> ClaimResult:
        """Insert the submission, resume it, or return its stored reply. A takeover raises the epoch.

        A replay that was ordered opens a failed or held submission again, as its next revision.
        """

    async def sending(self, ticket: Ticket, sending: Sending, *, in_doubt: bool) -> Callable[[], bool]:
        """Make the attempt durable. ``in_doubt`` is what a crash from here on must assume. Raises Fenced.

        A message of `ASKING` leaves the state and the doubt as they are.

        The transport calls the returned function right before the first byte: it says whether the attempt may still be
        sent, which is so as long as the lease has run without a break since.
        """

    async def received(
        self,
        ticket: Ticket,
        received: Received | None,
        *,
        in_doubt: bool,
        schedule: Schedule,
        progress: Mapping[str, str] | None = None,
    ) -> None:
        """Make an attempt's end durable, and when the next is due; the state is `claimed` again. Raises Fenced.

        ``received`` is None for an attempt of which nothing was sent. ``progress`` replaces what earlier steps left,
        together with the rest; None: it stays.
        """

    async def finish(self, ticket: Ticket, final: Final, received: Received | None) -> None:
        """Make the outcome durable, with the attempt's end where there is one. Raises Fenced.

        The progress of a held submission stays, as its replay goes on at its step; that of all others goes.
        """

    async def answered(self, source: str, submission_id: str, revision: int, place: Place) -> None:
        """Note that Kafka acknowledged the reply (and dead letter) of this revision, in answer to this record."""

    async def release(self, tickets: Sequence[Ticket]) -> None:
        """Release claims, so that another worker need not wait for the lease.

        The caller must not send any more for them, nor publish their replies. A submission in `sending` stays so, and
        its next owner assumes that it was sent.
        """

    async def is_parked(self, dead_letter: DeadLetter) -> bool:
        """Return whether `park` kept this dead letter before: its record comes again."""

    async def park(self, dead_letter: DeadLetter, at: datetime) -> bool:
        """Keep a dead letter that ends no submission: of an unreadable record, or of a conflict. Idempotent by id.

        Returns whether Kafka has acknowledged its event already, so that nothing is left to do for its record.
        """

    async def published(self, dead_letter: DeadLetter) -> None:
        """Note that Kafka acknowledged the event of a parked dead letter."""
