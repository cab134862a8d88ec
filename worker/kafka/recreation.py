"""A topic that was recreated is read from its beginning, and what was not read of the old one is reported.

A worker that runs notices it by the topic's id; one that starts compares the id with those that the journal and Kafka
keep with the positions of before.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from aiokafka.errors import IllegalStateError, KafkaError, TopicAuthorizationFailedError

from worker.kafka.committed import committed_positions
from worker.kafka.read_under import ReadUnder
from worker.kafka.refusals import REFUSED
from worker.kafka.starting_point import starting_point
from worker.kafka.topic_ids import TopicIds
from worker.pipeline.ports import JournalOutage, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.partitions import Partitions

log = logging.getLogger(__name__)


class Recreation:
    """Of the topics of one consumer: under which id their partitions are read, and from where.

    Each topic stands for itself: one that Kafka refuses, or does not know, keeps no partition of another waiting.
    """

    def __init__(
        self,
        topics: Iterable[str],
        resets: OffsetResets,
        partitions: Partitions,
        monotonic: Callable[[], float],
    ) -> None:
        self.topic_ids = TopicIds(topics, monotonic)
        self._resets = resets
        self._partitions = partitions
        self._read_under = ReadUnder()
        self._unsettled: set[TopicPartition] = set()
        self._delayed: set[TopicPartition] = set()
        """Of which the log says that they cannot begin anew yet."""
        self._unread_from: dict[TopicPartition, int | None] = {}
        """Of partitions whose topic was recreated while no worker read it: what is lost of the old one."""

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget all that is known: others may have read these partitions meanwhile."""
        self._read_under, self._unsettled, self._unread_from = ReadUnder(), set(partitions), {}
        self._delayed.clear()

    def held(self, partitions: Iterable[TopicPartition]) -> set[TopicPartition]:
        """Return which of these may not be read yet: it is not known from where, or reading has yet to begin anew."""
        return {one for one in partitions if one in self._unsettled or self.is_recreated(one)}

    async def settle(self, consumer: AIOKafkaConsumer) -> list[Exception]:
        """Find out where reading of newly assigned partitions begins. Return the refusals of topics.

        Raises GroupAuthorizationFailedError, ClusterAuthorizationFailedError: these concern every topic.
        """
        await self.topic_ids.refresh(consumer)
        topics = sorted({one.topic for one in self._unsettled})
        # At once: each of them may wait for an answer.
        refused = await asyncio.gather(*(self._settle_topic(consumer, topic) for topic in topics))
        for error in refused:
            if error is not None and not isinstance(error, TopicAuthorizationFailedError):
                raise error
        return [error for error in refused if error is not None]

    async def _settle_topic(self, consumer: AIOKafkaConsumer, topic: str) -> Exception | None:
        """Return the error if Kafka refuses a right."""
        if self.topic_ids.is_denied(topic):
            return _refused(topic)
        if not self.topic_ids.is_answered(topic):
            return None
        try:
            await self._settle(consumer, topic, self.topic_ids.of(topic))
        except TopicAuthorizationFailedError:
            return _refused(topic)
        except REFUSED as error:
            return cast("Exception", error)
        except IllegalStateError:  # revoked at this moment
            return None
        except (KafkaError, TimeoutError, JournalOutage) as error:
            detail = {"topic": topic, "error": type(error).__name__}
            log.info("it is not known yet where reading begins", extra=detail)
        return None

    async def _settle(self, consumer: AIOKafkaConsumer, topic: str, topic_id: str | None) -> None:
        # A new assignment replaces all three, and must not take what was found out for the one before.
        unsettled, read_under, unread_from = self._unsettled, self._read_under, self._unread_from
        partitions = sorted(one for one in unsettled if one.topic == topic)
        if topic_id is None:  # this Kafka has no ids: only offsets can be compared
            unsettled.difference_update(partitions)
            return
        # In this order: a former owner may still go on. It notes a position before it commits the offset, so that an
        # offset read first is never beyond the position read second.
        committed = await committed_positions(consumer, partitions)
        noted = await self._resets.noted(partitions)
        for one in partitions:
            was, of = noted.get(one), committed.get(one)
            begin = starting_point(topic_id, was, of)
            if begin.forgotten_from is not None and of is not None:
                await self._resets.tell_forgotten(consumer, one, begin.forgotten_from, of.next_offset)
            if begin.note is not None and was is not None and was.topic_id not in (None, topic_id):
                await self._resets.note_anew(one, begin.note, instead_of=was)
            elif begin.note is not None:
                await self._resets.note({one: begin.note})
            if begin.anew:
                unread_from[one] = begin.unread_from
                read_under.begin(one, ANOTHER)
            else:
                read_under.begin(one, topic_id)
            unsettled.discard(one)

    async def follow(
        self, consumer: AIOKafkaConsumer, assigned: Iterable[TopicPartition]
    ) -> dict[TopicPartition, bool]:
        """Go to the beginning of topics that were recreated.

        Return the partitions that were read under another id: of them nothing counts that was polled before. The value
        says whether reading begins anew now; else it is tried again, and nothing may be read until then.
        """
        await self.topic_ids.refresh(consumer)
        assigned = sorted(assigned)
        found = {one: await self._went(consumer, one) for one in assigned if self.is_recreated(one)}
        self._read_under.begin_unknown(
            (one for one in assigned if one not in self._unsettled), self.topic_ids.of
        )
        return found

    async def _went(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> bool:
        try:
            await self.begin_anew(consumer, partition)
        except IllegalStateError:  # revoked at this moment
            return False
        except (KafkaError, TimeoutError, JournalOutage) as error:
            if partition not in self._delayed:  # it is tried again at every poll
                log.warning(
                    "a recreated topic cannot be read yet",
                    extra={
                        "topic": partition.topic,
                        "partition": partition.partition,
                        "error": type(error).__name__,
                    },
                )
            self._delayed.add(partition)
            return False
        self._delayed.discard(partition)
        return True

    def is_recreated(self, partition: TopicPartition) -> bool:
        """Whether the partition was read under another id than the topic's present one."""
        return self._read_under.is_other(partition, self.topic_ids.of(partition.topic))

    async def begin_anew(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Read a recreated topic from its beginning; what was not read of the old one is lost, and told first.

        Raises KafkaError, IllegalStateError, TimeoutError, JournalOutage.
        """
        place, topic_id = (partition.topic, partition.partition), self.topic_ids.of(partition.topic)
        read_under, known = self._read_under, self._unread_from
        unread_from = known[partition] if partition in known else await self._unread(partition)
        await self._resets.begin_anew(consumer, partition, unread_from, topic_id)
        self._partitions.begin_anew(place)
        known.pop(partition, None)
        read_under.begin(partition, topic_id)

    async def _unread(self, partition: TopicPartition) -> int | None:
        """Return the first offset of the old topic that was not taken; where nothing was, only the journal knows it."""
        found = self._partitions.unread_from((partition.topic, partition.partition))
        if found is None and (noted := (await self._resets.noted([partition])).get(partition)):
            found = noted.next_offset
        return found

    def id_of(self, partition: TopicPartition) -> str | None:
        """Return the id under which the partition is read, or None if it is unknown."""
        return self._read_under.id_of(partition)

    def positions(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, Position]:
        """Return these offsets with the id of the topic that they belong to."""
        return {one: Position(offset, self.id_of(one)) for one, offset in offsets.items()}


def _refused(topic: str) -> Exception:
    return cast("Exception", TopicAuthorizationFailedError(topic))


ANOTHER = "another"
"""Stands for the id of a topic that there is no more."""
