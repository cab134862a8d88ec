"""What a national system states on its own, as it is kept and published."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable

if TYPE_CHECKING:
    from worker.pipeline.ports.records import Event

Name: TypeAlias = tuple[str, str]
"""A notification's system and its event's id."""


@immutable
class Owner:
    """The submission that a notification belongs to.

    ``key`` is the Kafka key of its events, None where the journal has it no more (erased), or not yet (in progress).
    ``rnu`` is the reference number that its reply carried.
    """

    source: str
    id: str
    key: bytes | None = field(default=None, repr=False)
    rnu: str | None = None


@immutable
class Notification:
    """One notice, as it is kept and published: these bytes, every time. ``content_hash`` is that of what it states."""

    system: str
    id: str
    type: str
    content_hash: bytes = field(repr=False)
    owner: Owner | None
    event: Event
    files: tuple[str, ...] = ()
    """The ids of the files that it refers to: they are kept as long as they state."""

    @property
    def name(self) -> Name:
        """What identifies it."""
        return self.system, self.id
