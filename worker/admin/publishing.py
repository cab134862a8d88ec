"""All that an act publishes: replays as records, in order for each key, and the reply of a settlement."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from contracts.dead_letters import replay_headers
from worker.kafka.clients import make_producer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiokafka import AIOKafkaProducer

    from worker.admin.replay_sql import Ordered
    from worker.kafka.settings import KafkaSettings
    from worker.pipeline.ports import Event

ACK_DEADLINE = 30.0
"""Seconds to wait for an acknowledgement; an idempotent producer never gives up by itself."""


class NotPublished(Exception):
    """Kafka did not take what was to be published, or cannot be used at all; the text names the client's error."""


@asynccontextmanager
async def open_publisher(settings: KafkaSettings) -> AsyncIterator[Publisher]:
    """Lend a publisher for one act. Raises NotPublished where Kafka cannot be used, then or while it is lent."""
    producer = make_producer(settings)
    try:
        await producer.start()
        yield Publisher(producer)
    except KafkaError as error:
        raise NotPublished(type(error).__name__) from None
    finally:
        await producer.stop()


class Publisher:
    """Publishes what one act publishes, through a producer that was started."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._stopped: set[bytes | None] = set()
        """Keys of which one was not taken: what comes after it must not overtake it."""

    async def publish_reply(self, reply: Event) -> None:
        """Publish a reply as it is. Raises NotPublished where Kafka does not acknowledge it in time."""
        sent = self._producer.send_and_wait(
            reply.topic, value=reply.value, key=reply.key, headers=list(reply.headers)
        )
        try:
            await asyncio.wait_for(sent, ACK_DEADLINE)
        except (KafkaError, TimeoutError) as error:
            raise NotPublished(type(error).__name__) from None

    async def publish(self, batch: Sequence[Ordered]) -> set[str]:
        """Publish in the order given and return the ids of what Kafka acknowledged.

        Left out is what is too large for its topic, and what follows it under its key. Raises KafkaError for
        everything else; then some may have been published, and some not.
        """
        by_key: dict[bytes | None, list[Ordered]] = defaultdict(list)
        for one in batch:
            by_key[one.event.key].append(one)
        done = await asyncio.gather(*(self._publish_key(key, several) for key, several in by_key.items()))
        return {one for several in done for one in several}

    async def _publish_key(self, key: bytes | None, several: Sequence[Ordered]) -> list[str]:
        """Publish one key's, each after the one before was acknowledged."""
        done: list[str] = []
        for one in several:
            if key in self._stopped:
                break
            try:
                await self._publish_one(one)
            except MessageSizeTooLargeError:
                self._stopped.add(key)
            else:
                done.append(one.id)
        return done

    async def _publish_one(self, one: Ordered) -> None:
        try:
            await asyncio.wait_for(self._acknowledged(one), ACK_DEADLINE)
        except TimeoutError:
            raise KafkaTimeoutError from None

    async def _acknowledged(self, one: Ordered) -> None:
        """Publish to the partition that it came from: what the sender publishes under its key goes there too."""
        partitions = await self._producer.partitions_for(one.topic)
        acknowledged = await self._producer.send(
            one.topic,
            value=one.event.value,
            key=one.event.key,
            headers=list(replay_headers(one.event.headers, one.id, one.count)),
            partition=one.partition if one.partition in partitions else None,
        )
        await acknowledged
