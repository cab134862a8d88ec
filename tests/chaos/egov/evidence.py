"""The evidence about RegiX, ePayments and the receiver, as plain values. Ids and digests only."""

from __future__ import annotations

from dataclasses import dataclass

SEEDED = "seeded-"
"""What the ids of payment requests begin with that ePayments has from somebody else: no submission made them."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A request that RegiX executed. ``later``: its answer came later."""

    submission: str
    call_id: str
    writes: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment request in ePayments, with every status that it ever had."""

    id: str
    submission: str
    statuses: frozenset[str]

    @property
    def seeded(self) -> bool:
        """Whether no submission made it."""
        return self.submission.startswith(SEEDED)


@dataclass(frozen=True, slots=True)
class Callback:
    """A change of status of which ePayments tells. ``taken``: a genuine call was answered with success."""

    payment: str
    status: str
    taken: bool
    forged_taken: bool = False


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification on its topic; ``said`` is a digest of everything that a reader sees of it."""

    id: str
    payment: str
    status: str
    submission: str | None
    said: str
    at: float


@dataclass(frozen=True, slots=True)
class EgovEvidence:
    """All of it."""

    executions: tuple[Execution, ...] = ()
    acknowledged: frozenset[str] = frozenset()
    """The calls whose results RegiX was told to forget, and did."""
    payments: tuple[Payment, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    notifications: tuple[Notification, ...] = ()
    waiting: tuple[str, ...] = ()
    """The submissions that wait in the journal."""
    unpublished: tuple[str, ...] = ()
    """The notifications in the journal that Kafka has not acknowledged."""
