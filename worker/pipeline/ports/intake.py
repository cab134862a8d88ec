"""What the journal keeps of intake: stops, how far it has come, and what was lost."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from worker.pipeline.flood.causes import THE_SYSTEM, Party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from worker.pipeline.flood.counting import Flood


@immutable
class Stop:
    """The submissions of a party wait: all of a system, or those of one source or one signer.

    ``at``, by the journal's clock, identifies a stop. ``reasons``: how many dead letters of which reason
    code led to it. ``probe_due``: whether a probe may be taken.
    """

    at: datetime
    why: str
    party: Party = THE_SYSTEM
    reasons: Mapping[str, int] = field(default_factory=dict)
    probe_due: bool = field(default=False, compare=False)


class Stops(Protocol):
    """The journal's stops of a system's submissions. Every method raises JournalOutage in an outage."""

    async def in_force(self, system: str) -> Sequence[Stop]:
        """Return the stops in force."""

    async def stop(self, system: str, party: Party, flood: Flood, probe_after: float) -> None:
        """Stop a party's submissions, unless they are stopped already. ``probe_after`` is in seconds."""

    async def take_probe(self, system: str, party: Party, again_after: float) -> bool:
        """Return whether this caller shall make a probe: one is due, and no other caller has taken it.

        The next may be made ``again_after`` seconds later.
        """

    async def lift(self, system: str, stop: Stop) -> None:
        """End this stop, unless another one has taken its place."""


FORGOTTEN = (
    "the journal does not know how they ended, because it is older than the group's offset in Kafka, as after it was"
    " restored from a backup"
)
"""Why the journal keeps a loss of records that were read."""


@immutable
class Loss:
    """Records of a partition that nobody reads any more: offsets from one up to another, which still exists.

    ``to_offset`` is None if the number of lost records is unknown. Those of ``why`` `FORGOTTEN` were read once.
    """

    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    why: str

    @property
    def count(self) -> int | None:
        """The number of lost offsets, or None if it is unknown."""
        return None if self.to_offset is None else self.to_offset - self.from_offset

    @property
    def forgotten(self) -> bool:
        """Whether the records were read, and the journal does not know how they ended."""
        return self.why == FORGOTTEN

    @property
    def told(self) -> str:
        """Say it in a few words."""
        number = "an unknown number of" if self.count is None else str(self.count)
        place = f"{self.topic}, partition {self.partition}, from offset {self.from_offset} on"
        return f"{number} offsets of {place}: {self.why}"


@immutable
class Position:
    """Up to where a partition was read, and of which topic: one that was recreated has another id.

    ``topic_id`` is None if Kafka provides none, or if nobody noted it.
    """

    next_offset: int
    topic_id: str | None = None


class ReadPositions(Protocol):
    """What the journal keeps of how far intake has come. Every method raises JournalOutage in an outage."""

    async def noted(self, group: str, topic: str, partitions: Sequence[int]) -> dict[int, Position]:
        """Return up to where a group had read these partitions; nothing for one that it never read."""

    async def note(self, group: str, positions: Mapping[tuple[str, int], Position]) -> None:
        """Note up to where partitions are read. Of one topic the farthest counts; a topic of another id stays noted."""

    async def note_anew(
        self, group: str, place: tuple[str, int], position: Position, *, instead_of: Position | None
    ) -> bool:
        """Note where reading of a partition begins anew; return False where another position than this is noted."""

    async def record_loss(self, system: str, loss: Loss) -> None:
        """Write down a loss that is open until an operator acknowledges it."""

    async def open_losses(self, system: str) -> list[Loss]:
        """Return the losses that no operator has acknowledged."""
