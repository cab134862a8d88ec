"""What comes from Kafka and what goes there: records, events and dead letters."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from contracts.dead_letters import Origin


@immutable
class Place:
    """A record's position in Kafka, and what distinguishes the topic from an earlier one of the same name.

    ``topic_id`` is None if Kafka provides none. A topic that was recreated counts its offsets from zero again; its
    records then have other timestamps, unless a producer sets them.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    topic_id: str | None = None

    def is_same(self, other: Place) -> bool:
        """Tell whether both are the same record of the same topic."""
        known = None not in (self.topic_id, other.topic_id)
        return replace(self, topic_id=None) == replace(other, topic_id=None) and (
            not known or self.topic_id == other.topic_id
        )


@immutable
class Record:
    """A Kafka record as it came. Of one that Kafka's client cannot decode, only its position is known."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    unreadable: str | None = None
    """The name of the client's error."""
    topic_id: str | None = None
    """The id that Kafka gave the topic, if it provides one."""

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.topic, self.partition, self.offset, self.timestamp_ms, self.topic_id)


@immutable
class Event:
    """An event to publish: exactly these bytes, every time."""

    topic: str
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)


@immutable
class DeadLetter:
    """A dead letter: the record as it came plus `herald-` headers, and the columns to find it by."""

    id: str
    reason: str
    detail: str
    system: str
    operation: str | None
    signer: str | None
    source: str | None
    submission_id: str | None
    event: Event
    origin: Origin
    replay_count: int = 0
    """How often its record had been replayed before."""
    topic_id: str | None = None
    """The id of the topic that its record came from, if Kafka provides one."""
    key_digest: bytes | None = field(default=None, repr=False)
    """By which the journal finds it where it encrypts the key."""


class Replies(Protocol):
    """Publishes replies and dead letters to Kafka."""

    async def publish(self, event: Event, instead: Event | None = None) -> None:
        """Return when Kafka acknowledged the event; wait and try again for as long as it does not.

        ``instead`` is published in its place where Kafka finds the event too large: repeating it would not help.
        """
