"""What a reconciliation of a restored journal is asked to do, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from datetime import datetime

    from worker.pipeline.reading import Reader
    from worker.systems.port import System

ANSWERED = "answered"
"""The finding of a submission whose answer the topics themselves have."""


@immutable
class ReconciledSystem:
    """A system with the reader of its events."""

    system: System
    reader: Reader


@immutable
class Recording:
    """Who lets the journal learn what was found, and why."""

    who: str
    reason: str


@immutable
class Reconciliation:
    """What to do. ``since``: read from this time on, None: from somewhat before the journal's newest submission.

    ``ask``: look up in the national system what no reply answers. ``to_the_end``: read partitions of which the group
    has committed no offset up to their ends; what no worker has read of them counts as forgotten too.
    """

    since: datetime | None = None
    ask: bool = True
    to_the_end: bool = False
    recording: Recording | None = None


@immutable
class Forgotten:
    """A submission that the journal does not know. ``finding``: `answered`, or what the system said of it.

    ``dead_letter`` is the id of the dead letter that it became. Where it was found (``dead_letter_found``), it is
    recorded with the submission, and can be replayed.
    """

    system: str
    source: str
    id: str
    operation: str
    topic: str
    partition: int
    offset: int
    finding: str
    detail: str
    dead_letter: str | None = None
    dead_letter_found: bool = False
    recorded: bool = False


@immutable
class NotCompared:
    """A partition with records of which the group has committed no offset: nobody knows how far it was read."""

    system: str
    topic: str
    partition: int
    group: str


@dataclass(slots=True)
class Reconciled:
    """What was found since a time (None: the topics' beginnings). ``invalid``: records that no system was sent.

    ``running``: systems whose workers ran meanwhile, so that what was found may be incomplete.
    """

    since: datetime | None
    read: int = 0
    invalid: int = 0
    forgotten: list[Forgotten] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
