"""Making a dead letter again that a restored journal has forgotten: from the submission's record and its reply. Pure.

The dead letters' own topic is not read. A dead letter is the record as it came with headers that Herald writes, and its
id is derived from the record's place and the revision: the reply names that id, so what is made is known to be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.dead_letters import (
    DeadLetterFacts,
    Origin,
    dead_letter_headers,
    dead_letter_id,
    replay_count,
    replay_of,
)
from worker.admin.past_answers import time_in
from worker.pipeline.ports import DeadLetter, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.past_answers import PastAnswer
    from worker.pipeline.ports import Record
    from worker.submission import Submission

MOST_REVISIONS = 1000
"""So many revisions are tried, the newest first: a settlement raises the revision and keeps the dead letter."""


def named_letter(answer: PastAnswer) -> str | None:
    """Return the id of the dead letter that a reply names."""
    reference = answer.data.get("deadLetter")
    found = reference.get("id") if isinstance(reference, dict) else None
    return found if isinstance(found, str) else None


def remade_letter(
    submission: Submission, records: Sequence[Record], answer: PastAnswer, topic: str
) -> DeadLetter | None:
    """Return the dead letter that the reply names; None where it names none, or its record is not among these.

    ``records`` are those of the submission: the first one, and its replays. ``topic``: of the system's dead letters.
    """
    wanted = named_letter(answer)
    newest = answer.revision
    for revision in range(newest, max(newest - MOST_REVISIONS, 0), -1):
        for record in records:
            origin = Origin(record.topic, record.partition, record.offset, record.timestamp_ms)
            if dead_letter_id(origin, revision) == wanted:
                return _letter(
                    submission, record, _facts(submission, record, origin, answer, revision), topic
                )
    return None


def _facts(
    submission: Submission, record: Record, origin: Origin, answer: PastAnswer, revision: int
) -> DeadLetterFacts:
    told = answer.data
    attempts = told.get("attempts")
    return DeadLetterFacts(
        origin=origin,
        reason=str(told.get("code") or ""),
        system=submission.system,
        operation=submission.operation,
        signer=submission.signer,
        attempts=attempts if isinstance(attempts, int) else 0,
        first_attempt=time_in(told.get("firstAttempt")),
        last_attempt=time_in(told.get("lastAttempt")),
        replay_count=replay_count(record.headers),
        replay_of=replay_of(record.headers),
        rnu=_number(submission, answer),
        revision=revision,
    )


def _number(submission: Submission, answer: PastAnswer) -> str | None:
    """Return the submission's reference number: the reply has the one that was drawn for it, if one was."""
    stated = dict(answer.reply.headers).get("ce_rnu")
    return stated.decode() if stated else submission.rnu


def _letter(submission: Submission, record: Record, facts: DeadLetterFacts, topic: str) -> DeadLetter:
    return DeadLetter(
        id=dead_letter_id(facts.origin, facts.revision),
        reason=facts.reason,
        detail="made again from the submission's record and its reply, after the journal was restored",
        system=submission.system,
        operation=submission.operation,
        signer=submission.signer,
        source=submission.source,
        submission_id=submission.id,
        event=Event(topic, record.key, record.value, dead_letter_headers(record.headers, facts)),
        origin=facts.origin,
        replay_count=facts.replay_count,
        topic_id=record.topic_id,
    )
