"""A claim of a submission, and what the journal answers to it."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.pipeline.ports.records import Event, Place

_NONE: Mapping[str, str] = MappingProxyType({})


class State(StrEnum):
    """The state of a submission in the journal."""

    CLAIMED = "claimed"
    SENDING = "sending"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"


FINAL_STATES = frozenset({State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD})


@immutable
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
    meaning_hash: bytes | None = None
    """Of an event that its contract takes: events that it reads alike are the same, however they are written."""


@immutable
class Ticket:
    """The right to act for a submission: valid while the owner's lease runs and the epoch is unchanged."""

    source: str
    id: str
    epoch: int


@immutable
class Schedule:
    """How far the retries of a revision have come: the retry policy goes on from here, after a restart too.

    ``spent`` is the sum of all attempts and waits in seconds: a step of the wall clock does not change it, and time
    in which no worker had the submission does not count.
    """

    tries: int = 0
    spent: float = 0.0
    due: datetime | None = None
    """When the next attempt is to be made; None: at once."""


@immutable
class Stated:
    """The last attempt, as it was sent and answered, where a look-up must settle what the system said to it."""

    message_id: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    request: bytes = field(repr=False)
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes = field(repr=False)
    step: str | None = None
    """The step whose message it was, where the system has steps."""


@immutable
class Claimed:
    """The submission is this worker's. ``in_doubt``: an earlier attempt may have been processed.

    ``stated`` is there where the system said last that it has the submission already, or refused it, and no look-up
    has settled that yet; of a replay, only the former. ``progress`` is what the steps that are done left; a replay of
    what is not in doubt begins without any. ``forgotten``: the journal is older than what was done for the submission
    (it was restored), so that the request of any further step may have been sent before.
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
    progress: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    forgotten: bool = False


@immutable
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


@immutable
class Waiting:
    """The system has the submission and will answer later. Nothing is sent for it, whoever claims it.

    Times are of the journal's clock. ``reference`` is what the system called the submission when it took it.
    """

    revision: int
    reference: str | None
    taken_at: datetime
    give_up_at: datetime


@immutable
class Conflict:
    """The journal holds the same identity with other content."""


@immutable
class Busy:
    """Another worker has the submission, or is about to publish its reply, and its lease still runs."""

    owner: str
    seconds_left: float


ClaimResult: TypeAlias = Claimed | Finished | Waiting | Conflict | Busy
