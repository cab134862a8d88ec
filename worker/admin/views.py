"""What services ask of the journal and get from it: filters, and the rows that answer them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.journal.claims import LetterState
    from worker.pipeline.ports import Event, Phase, State


@immutable
class SubmissionFilter:
    """Which submissions to list; None means any. ``since`` is about when Herald received them."""

    state: State | None = None
    system: str | None = None
    operation: str | None = None
    signer: str | None = None
    since: datetime | None = None


@immutable
class DeadLetterFilter:
    """Which dead letters to take; None means any. ``since`` and ``until`` (exclusive) are about when they died.

    ``key`` is the record's key. ``text`` is looked for, in any case of letters, in what is shown to everybody anyway:
    reason and detail of the dead letter and of its submission's attempts; never in a record, a message or an answer.
    """

    reason: str | None = None
    system: str | None = None
    operation: str | None = None
    signer: str | None = None
    source: str | None = None
    key: bytes | None = field(default=None, repr=False)
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: LetterState | None = None
    ids: tuple[str, ...] | None = None


@immutable
class SubmissionRow:
    """A submission as a line of a table."""

    source: str
    id: str
    type: str
    system: str
    operation: str
    signer: str
    identity: str
    state: State
    in_doubt: bool
    revision: int
    attempts: int
    first_attempt: datetime | None
    last_attempt: datetime | None
    next_attempt: datetime | None
    owner: str | None
    topic: str
    partition: int
    offset: int
    received_at: datetime
    finished_at: datetime | None
    dead_letter_id: str | None
    answered: bool
    evidence_removed_at: datetime | None
    summarized: bool


@immutable
class AttemptRow:
    """One attempt with its evidence, None where retention removed it. Fields about its end are None while it runs."""

    number: int
    purpose: str
    step: str | None
    message_id: str
    url: str
    request_headers: Mapping[str, str] | None
    request: bytes | None = field(repr=False)
    sent_at: datetime
    received_at: datetime | None
    outcome: str | None
    reason: str | None
    detail: str | None
    status: int | None
    answer_headers: Mapping[str, str] | None
    answer: bytes | None = field(repr=False)


@immutable
class DeadLetterRow:
    """A dead letter without its record, which holds health data. ``topic`` is where it was published."""

    id: str
    reason: str
    detail: str
    system: str
    operation: str | None
    signer: str | None
    source: str | None
    submission_id: str | None
    created_at: datetime
    state: LetterState
    replay_count: int
    removed_at: datetime | None
    topic: str
    origin_topic: str
    origin_partition: int
    origin_offset: int


@immutable
class Candidate:
    """A dead letter that an act may take, and the state of its submission (None where it has none).

    ``current_dead_letter_id`` is the dead letter that the submission ended with, if any. ``overtaken``: a later
    submission of the same operation with the same business identity was sent.
    """

    id: str
    reason: str
    state: LetterState
    replay_count: int
    system: str
    operation: str | None
    signer: str | None
    source: str | None
    submission_id: str | None
    origin_topic: str
    created_at: datetime
    submission: State | None
    in_doubt: bool | None
    current_dead_letter_id: str | None
    overtaken: bool


@immutable
class WaitingRow:
    """What is known of an answer that comes later; never what asking for it needs. ``asks``: in this phase."""

    phase: Phase
    reference: str | None
    asks: int
    due: datetime
    taken_at: datetime
    give_up_at: datetime


@immutable
class NotificationRow:
    """What the system stated about a submission in a call of its own. ``topic`` is where it is published."""

    id: str
    type: str
    received_at: datetime
    published_at: datetime | None
    removed_at: datetime | None
    topic: str
    value: bytes | None = field(repr=False)


@immutable
class SubmissionDetail:
    """A submission with everything that is kept of it."""

    submission: SubmissionRow
    reply: Event | None = field(repr=False)
    attempts: tuple[AttemptRow, ...]
    dead_letter: DeadLetterRow | None
    waiting: WaitingRow | None = None
    notifications: tuple[NotificationRow, ...] = ()
