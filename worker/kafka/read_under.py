"""Under which id of the topic each partition is read: where the topic now has another, it was recreated. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import TopicPartition


class ReadUnder:
    """The topic's id at the time when reading of a partition began. Where Kafka provides no id, nothing is known."""

    def __init__(self) -> None:
        self._ids: dict[TopicPartition, str] = {}

    def id_of(self, partition: TopicPartition) -> str | None:
        """Return the id under which the partition is read, or None if it is unknown."""
        return self._ids.get(partition)

    def is_other(self, partition: TopicPartition, topic_id: str | None) -> bool:
        """Whether the partition was read under another id than this."""
        known = self._ids.get(partition)
        return None not in (known, topic_id) and known != topic_id

    def begin(self, partition: TopicPartition, topic_id: str | None) -> None:
        """Note that the partition is read under this id from now on."""
        if topic_id is not None:
            self._ids[partition] = topic_id

    def begin_unknown(self, partitions: Iterable[TopicPartition], id_of: Callable[[str], str | None]) -> None:
        """Note the id of those partitions of which none is known yet. ``id_of`` returns a topic's."""
        for one in partitions:
            if one not in self._ids:
                self.begin(one, id_of(one.topic))
