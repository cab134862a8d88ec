"""What the life of a submission needs from the outside: a journal, replies, stops, a clock. No library appears here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from worker.pipeline.flood.causes import THE_SYSTEM, Party

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from contracts.dead_letters import Origin
    from worker.pipeline.flood.counting import Flood


class State(StrEnum):
    """The state of a submission in the journal."""

    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"


FINAL_STATES = frozenset({State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD})


@dataclass(frozen=True, slots=True)
class Place:
    """A record's position in Kafka, and what distinguishes the topic from an earlier one of the same name.

    ``topic_id`` is None if Kafka provides none. A topic that was recreated counts its offsets from zero again; its
    records then have other timestamps, unless a producer sets them.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    topic_id: str | None = None

    def is_same(self, other: Place) -> bool:
        """Tell whether both are the same record of the same topic."""
        known = None not in (self.topic_id, other.topic_id)
        return replace(self, topic_id=None) == replace(other, topic_id=None) and (
            not known or self.topic_id == other.topic_id
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came. Of one that Kafka's client cannot decode, only its position is known."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    unreadable: str | None = None
    """The name of the client's error."""
    topic_id: str | None = None
    """The id that Kafka gave the topic, if it provides one."""

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.topic, self.partition, self.offset, self.timestamp_ms, self.topic_id)


@dataclass(frozen=True, slots=True)
class Event:
    """An event to publish: exactly these bytes, every time."""

    topic: str
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: the record as it came plus `herald-` headers, and the columns to find it by."""

    id: str
    reason: str
    detail: str
    system: str
    operation: str | None
    signer: str | None
    source: str | None
    submission_id: str | None
    event: Event
    origin: Origin
    replay_count: int = 0
    """How often its record had been replayed before."""
    topic_id: str | None = None
    """The id of the topic that its record came from, if Kafka provides one."""
    key_digest: bytes | None = field(default=None, repr=False)
    """By which the journal finds it where it encrypts the key."""


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What the journal must hold of a submission before anything is done about it."""

    source: str
    id: str
    type: str
    system: str
    operation: str
    signer: str
    identity: str
    content_hash: bytes
    key_digest: bytes
    place: Place
    received_at: datetime
    replay_of: str | None = None
    """The dead letter that the record says to replay; the journal knows whether that was ordered."""
    unread_hash: bytes | None = None
    """Of a replay: the content hash that this record had if it could not be decoded when it first came."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to act for a submission: valid while the owner's lease runs and the epoch is unchanged."""

    source: str
    id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """How far the retries of a revision have come: the retry policy goes on from here, after a restart too.

    ``spent`` is the sum of all attempts and waits in seconds: a step of the wall clock does not change it, and time
    in which no worker had the submission does not count.
    """

    tries: int = 0
    spent: float = 0.0
    due: datetime | None = None
    """When the next attempt is to be made; None: at once."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The last attempt, as it was sent and answered, where a look-up must settle what the system said to it."""

    message_id: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    request: bytes = field(repr=False)
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The submission is this worker's. ``in_doubt``: an earlier attempt may have been processed.

    ``stated`` is there where the system said last that it has the submission already, or refused it, and no look-up
    has settled that yet; of a replay, only the former.
    """

    ticket: Ticket
    identity: str
    revision: int
    attempts: int
    in_doubt: bool
    first_attempt: datetime | None
    last_attempt: datetime | None
    schedule: Schedule
    stated: Stated | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The submission has its reply already. ``answered``: Kafka acknowledged the reply and the dead letter.

    ``answered_here``: it did so for this very record, which comes again. Nothing is left to do for it.
    """

    state: State
    reply: Event
    dead_letter: Event | None
    answered: bool
    revision: int = 1
    answered_here: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """The journal holds the same identity with other content."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Another worker has the submission, or is about to publish its reply, and its lease still runs."""

    owner: str
    seconds_left: float


ClaimResult: TypeAlias = Claimed | Finished | Conflict | Busy


@dataclass(frozen=True, slots=True)
class Sending:
    """One attempt that is about to be sent: what must be durable, in the state `sending`, before its first byte."""

    number: int
    purpose: str
    """`submit`, or `look-up` for the query that confirms."""
    message_id: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    request: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """How an attempt ended: the answer as it came (None where none came), and how it was interpreted."""

    number: int
    message_id: str
    outcome: str
    reason: str | None
    detail: str | None
    status: int | None
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Final:
    """The end of a revision: its state, its reply, and its dead letter where it has one."""

    state: State
    reply: Event
    dead_letter: DeadLetter | None
    at: datetime


class Fenced(Exception):
    """The ticket is no longer valid: another worker took over, or the lease ran out. Nothing may be sent.

    The state `sending` may have been written all the same, where the lease ran out before the commit came back.
    """


class Journal(Protocol):
    """The durable memory. Every method survives an outage by waiting; it raises only Fenced."""

    async def claim(self, request: ClaimRequest) -> ClaimResult:
        """Insert the submission, resume it, or return its stored reply. A takeover raises the epoch.

        A replay that was ordered opens a failed or held submission again, as its next revision.
        """

    async def sending(self, ticket: Ticket, sending: Sending, *, in_doubt: bool) -> Callable[[], bool]:
        """Make the attempt durable. ``in_doubt`` is what a crash from here on must assume. Raises Fenced.

        The transport calls the returned function right before the first byte: it says whether the attempt may still be
        sent, which is so as long as the lease has run without a break since.
        """

    async def received(
        self, ticket: Ticket, received: Received | None, *, in_doubt: bool, schedule: Schedule
    ) -> None:
        """Make an attempt's end durable, and when the next is due; the state is `claimed` again. Raises Fenced.

        ``received`` is None for an attempt of which nothing was sent.
        """

    async def finish(self, ticket: Ticket, final: Final, received: Received | None) -> None:
        """Make the outcome durable, with the attempt's end where there is one. Raises Fenced."""

    async def answered(self, source: str, submission_id: str, revision: int, place: Place) -> None:
        """Note that Kafka acknowledged the reply (and dead letter) of this revision, in answer to this record."""

    async def release(self, tickets: Sequence[Ticket]) -> None:
        """Release claims, so that another worker need not wait for the lease.

        The caller must not send any more for them, nor publish their replies. A submission in `sending` stays so, and
        its next owner assumes that it was sent.
        """

    async def park(self, dead_letter: DeadLetter, at: datetime) -> bool:
        """Keep a dead letter that ends no submission: of an unreadable record, or of a conflict. Idempotent by id.

        Returns whether Kafka has acknowledged its event already, so that nothing is left to do for its record.
        """

    async def published(self, dead_letter: DeadLetter) -> None:
        """Note that Kafka acknowledged the event of a parked dead letter."""


class Replies(Protocol):
    """Publishes replies and dead letters to Kafka."""

    async def publish(self, event: Event, instead: Event | None = None) -> None:
        """Return when Kafka acknowledged the event; wait and try again for as long as it does not.

        ``instead`` is published in its place where Kafka finds the event too large: repeating it would not help.
        """


@dataclass(frozen=True, slots=True)
class Stop:
    """The submissions of a party wait: all of a system, or those of one source or one signer.

    ``at``, by the journal's clock, identifies a stop. ``reasons``: how many dead letters of which reason
    code led to it. ``probe_due``: whether a probe may be taken.
    """

    at: datetime
    why: str
    party: Party = THE_SYSTEM
    reasons: Mapping[str, int] = field(default_factory=dict)
    probe_due: bool = field(default=False, compare=False)


class JournalOutage(Exception):
    """The journal is unavailable at present."""


class Stops(Protocol):
    """The journal's stops of a system's submissions. Every method raises JournalOutage in an outage."""

    async def in_force(self, system: str) -> Sequence[Stop]:
        """Return the stops in force."""

    async def stop(self, system: str, party: Party, flood: Flood, probe_after: float) -> None:
        """Stop a party's submissions, unless they are stopped already. ``probe_after`` is in seconds."""

    async def take_probe(self, system: str, party: Party, again_after: float) -> bool:
        """Return whether this caller shall make a probe: one is due, and no other caller has taken it.

        The next may be made ``again_after`` seconds later.
        """

    async def lift(self, system: str, stop: Stop) -> None:
        """End this stop, unless another one has taken its place."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Records of a partition that can no longer be read: offsets from one up to another, which still exists.

    ``to_offset`` is None if the number of lost records is unknown.
    """

    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    why: str

    @property
    def count(self) -> int | None:
        """The number of lost offsets, or None if it is unknown."""
        return None if self.to_offset is None else self.to_offset - self.from_offset

    @property
    def told(self) -> str:
        """Say it in a few words."""
        number = "an unknown number of" if self.count is None else str(self.count)
        place = f"{self.topic}, partition {self.partition}, from offset {self.from_offset} on"
        return f"{number} offsets of {place} are lost: {self.why}"


class ReadPositions(Protocol):
    """What the journal keeps of how far intake has come. Every method raises JournalOutage in an outage."""

    async def read_to(self, group: str, topic: str, partition: int) -> int | None:
        """Return up to where a group had read a partition, or None where it never did."""

    async def note(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        """Note up to where partitions were committed."""

    async def record_loss(self, system: str, loss: Loss) -> None:
        """Write down a loss that is open until an operator acknowledges it."""

    async def open_losses(self, system: str) -> list[Loss]:
        """Return the losses that no operator has acknowledged."""


class Clock(Protocol):
    """Time, injected."""

    def now(self) -> datetime:
        """Wall clock, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
