"""What looking needs from the journal: places, whose turn it is, and the cursor that moves with what was found."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from worker.inbound.ports import Kept
    from worker.pipeline.ports import Notification, Owner


@immutable
class Look:
    """A place that this worker took to look at. ``epoch`` is raised by each taking: an earlier one is over.

    ``unreadable`` says why the cursor cannot be decrypted; then nobody may look, or everything would be seen anew.
    """

    system: str
    watch: str
    epoch: int
    cursor: str | None = field(repr=False)
    failures: int
    unreadable: str | None = None


@immutable
class Standing:
    """How looking at a place goes. ``age``: seconds since the last good look, or since the place is known."""

    watch: str
    age: float
    failures: int
    reason: str | None


class LookOver(Exception):
    """The look is no longer this worker's: another one took the place. What it found was not kept."""


class Watches(Protocol):
    """The journal's places. Every method raises JournalOutage in an outage, and may be repeated."""

    async def declare(self, system: str, watches: Collection[str]) -> None:
        """Know these places; those that are new are due now."""

    async def take(self, system: str, watches: Collection[str], most: int, seconds: float) -> Sequence[Look]:
        """Take places that are due for so long, the longest due first; none at which another worker looks."""

    async def saw(
        self, look: Look, found: Sequence[Notification], cursor: str | None, *, delay: float, hastened: float
    ) -> Sequence[Kept]:
        """Keep what was found and the cursor, all or nothing, and give the place back. Raises LookOver.

        The next look is due after ``delay`` seconds; after ``hastened`` where a call asked for it during this look. Of
        each notification it returns what `Notifications.keep` would.
        """

    async def failed(
        self, look: Look, found: Sequence[Notification], reason: str, *, delay: float
    ) -> Sequence[Kept]:
        """Count a failed look; what it found all the same is kept, and the cursor stays. Raises LookOver."""

    async def put_off(self, look: Look, delay: float) -> None:
        """Give the place back without a look that counts."""

    async def look_soon(self, system: str, watches: Collection[str], *, least: float) -> None:
        """Let these be due ``least`` seconds after they were last taken; those whose looks fail keep their schedule."""

    async def standing(self, system: str, watches: Collection[str]) -> Sequence[Standing]:
        """Return how looking at these places goes."""

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        """Return the submission that the system calls so, None where no submission is known by this reference."""
