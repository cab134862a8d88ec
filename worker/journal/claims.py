"""Which worker may act for a submission: what a claim finds, and what follows from it. Policy only."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from contracts.immutable import immutable
from worker.pipeline.ports import FINAL_STATES, Busy, Conflict, Event, Finished, Place, State, Waiting

REPLAYABLE_STATES = frozenset({State.FAILED, State.HELD})
"""The states of a submission that a replay may open again: accepted and rejected are final."""


class LetterState(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    SETTLED = "settled"


ORDERED_STATES = frozenset({LetterState.REPLAYING, LetterState.REPLAYED})
"""The states of a dead letter whose replay was ordered."""


@immutable
class Known:
    """What the journal holds of a submission that is claimed again.

    ``lease_left`` is what is left of the owner's lease, in seconds by the database's clock; None where the owner has
    none.
    """

    content_hash: bytes
    state: State
    owner: str | None
    lease_left: float | None
    answered: bool
    reply: Event | None = field(repr=False)
    dead_letter: Event | None = field(repr=False)
    dead_letter_id: str | None = None
    dead_letter_state: LetterState | None = None
    revision: int = 1
    places: tuple[Place, ...] = ()
    """Where it was first taken, and this claim's place where a record there has had its answer."""
    meaning_hash: bytes | None = None
    waiting: Waiting | None = None
    """Where the system has it, and will answer later."""


@immutable
class Asked:
    """What a claim says about its record; see `ClaimRequest`."""

    content_hash: bytes
    replay_of: str | None = None
    unread_hash: bytes | None = None
    place: Place | None = None
    meaning_hash: bytes | None = None


@immutable
class Reopen:
    """An ordered replay: the submission begins its next revision."""


def verdict(known: Known, asked: Asked, me: str) -> Finished | Waiting | Conflict | Busy | Reopen | None:
    """Decide about a claim for a submission that the journal knows; None means that ``me`` takes it over.

    Other content is a conflict whatever the state. This worker's own claim is taken over like a released one: the
    epoch rises, so that only the newest ticket of this process counts.
    """
    replay = _is_ordered_replay(known, asked.replay_of)
    # A record that could not be decoded may be readable by now: the same record then has another content hash.
    same = (asked.content_hash, asked.unread_hash) if replay else (asked.content_hash,)
    means_the_same = asked.meaning_hash is not None and asked.meaning_hash == known.meaning_hash
    if known.content_hash not in same and not means_the_same:
        return Conflict()
    if replay:
        return Reopen()
    if known.waiting is not None:
        return known.waiting
    elsewhere = _held_by_another(known, me)
    if known.state in FINAL_STATES and known.reply is not None:
        # Who finished it publishes its reply at this moment: to do so here as well would make a copy.
        return elsewhere if elsewhere and not known.answered else _finished(known, known.reply, asked)
    return elsewhere


def _held_by_another(known: Known, me: str) -> Busy | None:
    alive = known.lease_left is not None and known.lease_left > 0
    if known.owner is None or known.owner == me or not alive:
        return None
    return Busy(known.owner, known.lease_left or 0.0)


def _finished(known: Known, reply: Event, asked: Asked) -> Finished:
    here = asked.place is not None and any(asked.place.is_same(place) for place in known.places)
    return Finished(
        known.state,
        reply,
        known.dead_letter,
        answered=known.answered,
        revision=known.revision,
        answered_here=known.answered and here,
    )


def _is_ordered_replay(known: Known, replay_of: str | None) -> bool:
    """Return whether this replay was ordered and has not started: the submission still ends with its dead letter.

    The record's header alone opens nothing: a second copy of the record finds another dead letter, or none.
    """
    return (
        known.state in REPLAYABLE_STATES
        and replay_of is not None
        and replay_of == known.dead_letter_id
        and known.dead_letter_state in ORDERED_STATES
    )
