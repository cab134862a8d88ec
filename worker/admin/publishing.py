"""Replays as records: the original key, value and headers, to where they came from, in order for each key."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from contracts.dead_letters import replay_headers
from worker.kafka.publisher import EventTooLarge
from worker.pipeline.ports import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.replay_sql import Ordered
    from worker.kafka.publisher import KafkaPublisher


class Publisher:
    """Publishes the batches of one run."""

    def __init__(self, kafka: KafkaPublisher) -> None:
        self._kafka = kafka
        self._stopped: set[bytes | None] = set()
        """Keys of which Kafka refused a record: the key's later records must not overtake it."""

    async def publish(self, batch: Sequence[Ordered]) -> set[str]:
        """Publish in the order given and return the ids of what Kafka acknowledged.

        A record that is too large for its topic is left out, and so are those that follow it under its key. Raises
        NotPublished for every other failure; then some may have been published, and some not.
        """
        by_key: dict[bytes | None, list[Ordered]] = defaultdict(list)
        for one in batch:
            by_key[one.event.key].append(one)
        done = await asyncio.gather(*(self._publish_key(key, several) for key, several in by_key.items()))
        return {one for several in done for one in several}

    async def _publish_key(self, key: bytes | None, several: Sequence[Ordered]) -> list[str]:
        """Publish the records of one key, each after the one before was acknowledged."""
        done: list[str] = []
        for one in several:
            if key in self._stopped:
                break
            try:
                await self._publish_one(one)
            except EventTooLarge:
                self._stopped.add(key)
            else:
                done.append(one.id)
        return done

    async def _publish_one(self, one: Ordered) -> None:
        """Publish to the partition that the record came from: the sender's other records of its key are there too."""
        headers = replay_headers(one.event.headers, one.id, one.count)
        event = Event(one.topic, one.event.key, one.event.value, headers)
        await self._kafka.publish(event, partition=one.partition)
