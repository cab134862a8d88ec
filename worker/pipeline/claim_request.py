"""What the journal is asked for each record whose source and id are known: the claim of its submission."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from contracts.dead_letters import replay_of
from worker.pipeline.ports import ClaimRequest
from worker.pipeline.reading import unread_hash
from worker.submission import Submission

if TYPE_CHECKING:
    from worker.pipeline.ports import Clock, Record
    from worker.pipeline.reading import InvalidRecord
    from worker.systems.port import System

UNREAD = "unread"
"""Stored as the operation, type or signer of a submission whose source and id were readable, but not these."""


class ClaimRequests:
    """Makes the requests for the submissions of one system."""

    def __init__(self, system: System, clock: Clock) -> None:
        self._system = system
        self._clock = clock

    def make(self, record: Record, read: Submission | InvalidRecord, identity: str) -> ClaimRequest:
        """Return the request for a submission, or for an invalid record whose source and id are known."""
        if isinstance(read, Submission):
            source, submission_id, event_type = read.source, read.id, read.type
            operation, signer = read.operation, read.signer
        else:
            assert read.submission is not None  # noqa: S101  # what is claimed has a source and an id
            source, submission_id = read.submission.source, read.submission.id
            event_type, signer = read.submission.type or UNREAD, read.submission.signer or UNREAD
            operation = operation_of(self._system, read) or UNREAD
        return ClaimRequest(
            source=source,
            id=submission_id,
            type=event_type,
            system=self._system.name,
            operation=operation,
            signer=signer,
            identity=identity,
            content_hash=read.content_hash,
            key_digest=hashlib.sha256(record.key or b"").digest(),
            place=record.place,
            received_at=self._clock.now(),
            replay_of=(replay := replay_of(record.headers)),
            unread_hash=unread_hash(record) if replay else None,
            meaning_hash=read.meaning_hash if isinstance(read, Submission) else None,
        )


def operation_of(system: System, invalid: InvalidRecord) -> str | None:
    """Return the operation that an invalid event asked for, where its type is known."""
    asked = invalid.submission.type if invalid.submission else None
    known = system.operations.get(asked) if asked else None
    return known.name if known else None
