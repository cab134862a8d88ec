"""What the receiver needs from the outside: what the journal keeps of notifications, and a way to Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from worker.pipeline.ports import Event, Name, Notification, Owner


@immutable
class Kept:
    """What the journal holds after `keep`. ``added``: it was not there before.

    ``same``: what is kept states the same. ``published``: Kafka has acknowledged it.
    """

    added: bool
    same: bool
    published: bool


@immutable
class Unpublished:
    """A kept notification that this receiver shall publish."""

    name: Name
    event: Event


@immutable
class Backlog:
    """How many notifications of a system Kafka has not acknowledged, and how long the oldest waits, in seconds."""

    count: int
    age: float


class Notifications(Protocol):
    """The journal's notifications. Every method raises JournalOutage in an outage, and may be repeated."""

    async def owner_of(self, system: str, reference: str) -> Owner | None:
        """Return the submission that the system calls so, None where no submission is known by this reference."""

    async def keep(self, notification: Notification) -> Kept:
        """Keep it, unless one of this name is kept: the first one stays."""

    async def take(self, most: int, seconds: float) -> Sequence[Unpublished]:
        """Claim unpublished notifications for so long, the oldest first; none that another receiver has claimed."""

    async def extend(self, names: Collection[Name], seconds: float) -> None:
        """Claim these for so long from now on, where they are this receiver's."""

    async def release(self, names: Collection[Name]) -> None:
        """Give these back, so that another receiver need not wait."""

    async def note_published(self, names: Collection[Name]) -> None:
        """Note that Kafka acknowledged these."""

    async def published_of(self, names: Collection[Name]) -> Collection[Name]:
        """Return those of these that Kafka has acknowledged, whoever published them."""

    async def backlog(self) -> Mapping[str, Backlog]:
        """Return what is unpublished, by system; systems without any are absent."""


class Publisher(Protocol):
    """The way to Kafka."""

    async def publish(self, event: Event) -> None:
        """Return when all in-sync replicas acknowledged the event; publish it again for as long as they do not."""


class LookSoon(Protocol):
    """What a call does that says that something arrived."""

    async def __call__(self, system: str, watches: Collection[str]) -> None:
        """Have these places looked at soon, however many calls ask for it. Raises JournalOutage."""


class Hasten(Protocol):
    """What a call does that says that the answer to a waiting submission is there."""

    async def __call__(self, system: str, ready: str) -> bool:
        """Have it asked for soon; return whether any submission waits for this. Raises JournalOutage."""
