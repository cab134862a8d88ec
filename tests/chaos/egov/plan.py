"""What is asked of RegiX and of ePayments beside the submissions to NHIS, made from the seed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """What is asked for, and how RegiX answers it."""

    REPORT = "report"
    """RegiX answers at once."""
    LATER_REPORT = "later-report"
    """RegiX takes it, and has the report some seconds later."""
    LATER_WRITE = "later-write"
    """The same, and it writes to a register: it must not be sent twice."""
    PAYMENT = "payment"
    """ePayments registers it, and calls the receiver when it is paid."""


WEIGHTS = {Kind.REPORT: 2, Kind.LATER_REPORT: 5, Kind.LATER_WRITE: 3, Kind.PAYMENT: 6}
ONE_IN = 8
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

    @property
    def later(self) -> bool:
        """Whether the answer comes later."""
        return self.kind in (Kind.LATER_REPORT, Kind.LATER_WRITE)


def plan(submissions: int, seconds: float, chance: Random) -> list[Ask]:
    """Return what is published beside so many ``submissions`` to NHIS, in order of time. Each kind is among it."""
    count = max(len(Kind), submissions // ONE_IN)
    kinds = [*Kind, *chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count - len(Kind))]
    chance.shuffle(kinds)
    asks = [Ask(seconds * n / count, f"{kind}-p{n}", kind) for n, kind in enumerate(kinds)]
    repeats = [
        Ask(min(one.at + chance.uniform(0, seconds / 3), seconds), one.id, one.kind, again=True)
        for one in asks
        if chance.random() < TWICE
    ]
    return sorted([*asks, *repeats], key=lambda one: (one.at, one.again))


def ids(asks: Sequence[Ask]) -> set[str]:
    """Return every submission that must be answered."""
    return {one.id for one in asks}
