"""Who may act for a submission: what a claim finds, and what follows from it. Policy only."""

from __future__ import annotations

from dataclasses import dataclass, field

from herald.worker.pipeline.ports import FINAL_STATES, Busy, Conflict, Event, Finished, State


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal holds of a submission that is claimed again.

    ``lease_left`` is of the present owner, in seconds by the database's clock; None where no such worker is.
    """

    content_hash: bytes
    state: State
    owner: str | None
    lease_left: float | None
    answered: bool
    reply: Event | None = field(repr=False)
    dead_letter: Event | None = field(repr=False)


def verdict(known: Known, content_hash: bytes, me: str) -> Finished | Conflict | Busy | None:
    """Decide about a claim for a submission that is there already; None means that it is to be taken over.

    Other content is a conflict whatever the state. Our own claim is taken over like a released one: the epoch
    rises, so that only the newest ticket of this process counts.
    """
    if known.content_hash != content_hash:
        return Conflict()
    if known.state in FINAL_STATES and known.reply is not None:
        return Finished(known.state, known.reply, known.dead_letter, known.answered)
    if known.owner is None or known.owner == me:
        return None
    if known.lease_left is not None and known.lease_left > 0:
        return Busy(known.owner, known.lease_left)
    return None
