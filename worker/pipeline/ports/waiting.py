"""Submissions that a system took and answers later: what the journal keeps of them, and what it does with it."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from worker.outcome import Taken
    from worker.pipeline.ports.attempts import Received
    from worker.pipeline.ports.claims import Claimed, Finished, Ticket, Waiting
    from worker.pipeline.ports.records import Record


class Phase(StrEnum):
    """What is left to do for a submission that was taken; also the purpose of its messages in the journal."""

    ASK = "ask"
    ACKNOWLEDGE = "acknowledge"


ASKING = frozenset(phase.value for phase in Phase)
"""The purposes of messages that change no state: the submission waits, or has ended already."""


@immutable
class Begin:
    """What must be durable when a system took a submission. ``delay`` and ``give_up_after`` are in seconds."""

    system: str
    operation: str
    taken: Taken
    record: Record
    delay: float
    give_up_after: float


@immutable
class PutOff:
    """The next time for a submission that still waits: ``delay`` seconds from now, or at once where it was hastened.

    ``taken`` replaces what asking needs, None where it stays. ``asked``: whether a message was sent, which counts.
    """

    delay: float
    taken: Taken | None = None
    asked: bool = True


@immutable
class DueAnswer:
    """A submission that this worker took to ask for its answer, or to acknowledge the answer.

    ``late`` is in seconds since it was due, ``left`` until its time is over, negative afterwards. ``finished`` is
    there once it has its reply, which Kafka may not have acknowledged yet.
    """

    phase: Phase
    operation: str
    signer: str
    claimed: Claimed
    record: Record = field(repr=False)
    taken: Taken
    asks: int
    late: float
    left: float
    finished: Finished | None

    @property
    def ticket(self) -> Ticket:
        """The right to act for it."""
        return self.claimed.ticket


class WaitingJournal(Protocol):
    """The journal's part for submissions whose answer comes later. As all of it, every step is durable."""

    async def wait(
        self, ticket: Ticket, begin: Begin, received: Received | None, *, in_doubt: bool
    ) -> Waiting:
        """Let a submission wait, with its last attempt's end, and give its claim back. Raises Fenced.

        ``in_doubt`` is what a replay must assume if no answer ever comes.
        """

    async def is_waiting(self, source: str, submission_id: str) -> bool:
        """Whether a submission waits, or has its answer and Kafka not yet its reply."""

    async def take_due(
        self, system: str, limit: int, held: Collection[tuple[str, str]]
    ) -> Sequence[DueAnswer]:
        """Take submissions that are due, the longest due first, and raise their epochs.

        None that another worker has whose lease runs, and none of ``held``: those that the caller works on.
        """

    async def put_off(self, ticket: Ticket, put_off: PutOff, received: Received | None) -> None:
        """Let it be taken again later, by any worker, and give it back. Raises Fenced."""

    async def acknowledge(self, ticket: Ticket, give_up_after: float) -> None:
        """Turn to the acknowledgement of an answer whose reply Kafka has; it is due now. Raises Fenced."""

    async def waited(self, ticket: Ticket, received: Received | None) -> None:
        """Forget what asking needed: nothing is left to do. Raises Fenced."""

    async def hasten(self, system: str, ready: str) -> bool:
        """Make due now what a call of the system says is ready (see `Taken.ready`); whether anything waits for it."""
