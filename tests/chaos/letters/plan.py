"""What is asked of eDelivery and eForms beside the submissions to NHIS, made from the seed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """What is asked for."""

    LETTER = "letter"
    """A message with two files is sent: one in the event, one that was uploaded before."""
    OPENING = "opening"
    """A message that arrived with files is opened, and its files are kept."""
    REQUEST = "request"
    """The same, and one of its files is a request of eForms, of which a notification tells."""
    RESPONSE = "response"
    """A request of eForms is answered over eDelivery."""


SENDS = frozenset({Kind.LETTER, Kind.RESPONSE})
OPENS = frozenset({Kind.OPENING, Kind.REQUEST})
WEIGHTS = {Kind.LETTER: 6, Kind.OPENING: 3, Kind.REQUEST: 2, Kind.RESPONSE: 3}
ONE_IN = 10
"""How many submissions to NHIS there are for each of these."""
TWICE = 0.1
"""The share that is published once more, later."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One record to publish, ``at`` so many seconds from the start."""

    at: float
    id: str
    kind: Kind
    again: bool = False


def plan(submissions: int, seconds: float, chance: Random) -> list[Ask]:
    """Return what is published beside so many ``submissions`` to NHIS, in order of time. Each kind is among it."""
    count = max(len(Kind), submissions // ONE_IN)
    kinds = [*Kind, *chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count - len(Kind))]
    chance.shuffle(kinds)
    asks = [Ask(seconds * n / count, f"{kind}-l{n}", kind) for n, kind in enumerate(kinds)]
    repeats = [
        Ask(min(one.at + chance.uniform(0, seconds / 3), seconds), one.id, one.kind, again=True)
        for one in asks
        if chance.random() < TWICE
    ]
    return sorted([*asks, *repeats], key=lambda one: (one.at, one.again))


def ids(asks: Sequence[Ask]) -> set[str]:
    """Return every submission that must be answered."""
    return {one.id for one in asks}
