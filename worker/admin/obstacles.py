"""Which dead letters a replay or a discard leaves alone, and why. Policy only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.journal.claims import REPLAYABLE_STATES, LetterState
from worker.pipeline.ports import State
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Collection

    from worker.admin.views import Candidate

UNUSABLE = frozenset(
    {
        Reason.UNREADABLE_RECORD,
        Reason.NULL_VALUE,
        Reason.NOT_UTF8,
        Reason.NOT_JSON,
        Reason.NOT_A_CLOUDEVENT,
        Reason.MISSING_KEY,
    }
)
"""The record itself is wrong: the same bytes come to the same end, whatever an operator fixes."""


class Obstacle(StrEnum):
    """Why a dead letter is left alone, in words for the operator."""

    REPLAYING = "its replay has started: the next replay finishes it"
    REPLAYED = "it was already replayed"
    DISCARDED = "it was discarded"
    SETTLED = "it was settled"
    CONFLICT = (
        "it is a conflict: the earlier submission with this id remains valid, and this one needs a new id"
    )
    UNUSABLE = "the record itself cannot be used: the sender publishes a corrected event under a new id"
    LIMIT = "it has reached the limit of replays (--max-replays)"
    HOLD = "it was possibly processed, and this operation is never sent twice: look it up in the system, then settle it"
    UNKNOWN = "its outcome is unknown: look it up in the system and settle it, or add --outcome-unknown"
    SUPERSEDED = "its submission has ended otherwise since"
    OVERTAKEN = (
        "a later submission about the same record was sent since, and this one would overwrite it: the sender "
        "publishes what is still needed under a new id"
    )
    FORGOTTEN = "the journal no longer knows its submission"
    UNREAD_TOPIC = (
        "its original topic is not among the submission topics of its system in these settings, so that no worker "
        "would read the replay: add the topic to submission_topics, or the sender publishes it under a new id"
    )


_ENDED = {
    LetterState.REPLAYING: Obstacle.REPLAYING,
    LetterState.REPLAYED: Obstacle.REPLAYED,
    LetterState.DISCARDED: Obstacle.DISCARDED,
    LetterState.SETTLED: Obstacle.SETTLED,
}


def to_discard(letter: Candidate, *, outcome_unknown: bool) -> Obstacle | None:
    """Say why the dead letter is not discarded; None where it is.

    ``outcome_unknown``: discard also what ends a held submission, whose outcome then stays unknown.
    """
    if ended := _ENDED.get(letter.state):
        return ended
    return Obstacle.UNKNOWN if leaves_open(letter) and not outcome_unknown else None


def leaves_open(letter: Candidate) -> bool:
    """Tell whether the submission stays held when this dead letter is discarded."""
    return letter.submission is State.HELD and letter.current_dead_letter_id == letter.id


def to_replay(
    letter: Candidate,
    operation: Operation | None,
    *,
    max_replays: int,
    submission_topics: Collection[str] | None,
) -> Obstacle | None:
    """Say why a replay cannot help; None where it may.

    ``operation`` is None where no configured system has it: then it is unknown whether it may be sent twice.
    ``submission_topics`` are those of its system that workers read, None where the settings do not have this system.
    """
    if ended := _ENDED.get(letter.state):
        return ended
    if letter.reason == Reason.CONFLICT:
        return Obstacle.CONFLICT
    if letter.reason in UNUSABLE:
        return Obstacle.UNUSABLE
    if letter.replay_count >= max_replays:
        return Obstacle.LIMIT
    if submission_topics is not None and letter.origin_topic not in submission_topics:
        return Obstacle.UNREAD_TOPIC
    return None if letter.source is None else _of_submission(letter, operation)


def _of_submission(letter: Candidate, operation: Operation | None) -> Obstacle | None:
    if letter.submission is None:
        return Obstacle.FORGOTTEN
    if letter.submission not in REPLAYABLE_STATES or letter.current_dead_letter_id != letter.id:
        return Obstacle.SUPERSEDED
    if letter.overtaken:
        return Obstacle.OVERTAKEN
    # The engine would hold it again. (A submission that was settled as not sent is `failed` and no longer in doubt.)
    in_doubt = letter.submission is State.HELD and letter.in_doubt
    return Obstacle.HOLD if in_doubt and not _helps(operation) else None


def _helps(operation: Operation | None) -> bool:
    """Return whether a replay of what is in doubt sends it again, or looks it up and sends nothing."""
    return operation is not None and (operation.recovery is not Recovery.HOLD or operation.looks_up)
