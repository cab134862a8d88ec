"""Publishing of events with their acknowledgement: the one way in which Herald writes to Kafka."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from worker.kafka import aiokafka_sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable

    from aiokafka import AIOKafkaProducer

    from worker.pipeline.ports import Event

T = TypeVar("T")

ACK_DEADLINE = 30.0
"""Seconds to wait for an acknowledgement. An idempotent producer below min.insync.replicas never gives up by
itself; whether the event arrived is then unknown, and publishing the same bytes again is safe by design."""


class NotPublished(Exception):
    """Kafka did not acknowledge an event, and may have it all the same. The message holds nothing of the event."""

    told = "Kafka did not acknowledge an event"

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{self.told} ({type(cause).__name__})")
        self.cause = cause
        """The error of Kafka's client, or TimeoutError."""


class EventTooLarge(NotPublished):
    """Kafka refused an event for its size, and will refuse it again."""

    told = "Kafka finds an event too large for its topic"


class KafkaUnreachable(NotPublished):
    """There is no connection to Kafka: certainly nothing was published."""

    told = "Kafka cannot be used"


class KafkaPublisher:
    """Publishes events through a producer that was started. Every method raises NotPublished, EventTooLarge."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def publish(self, event: Event, *, partition: int | None = None) -> None:
        """Return when Kafka acknowledged the event.

        ``partition`` is preferred where the topic has it; else the event's key decides.
        """
        await _in_time(self._published(event, partition))

    async def publish_all(self, events: Iterable[Event]) -> None:
        """Publish in the order given, without waiting for each; return when Kafka acknowledged all of them."""
        acknowledgements = [await _in_time(self._sent(event, None)) for event in events]
        await asyncio.gather(*(_in_time(one) for one in acknowledgements))

    async def _published(self, event: Event, partition: int | None) -> None:
        if partition is not None and partition not in await self._producer.partitions_for(event.topic):
            partition = None
        await (await self._sent(event, partition))

    async def _sent(self, event: Event, partition: int | None) -> asyncio.Future[object]:
        """Hand the event to the producer and return the future of its acknowledgement."""
        headers = list(event.headers)
        if event.key is None and event.value is None:
            return await self._sent_bare(event, partition)
        acknowledgement: asyncio.Future[object] = await self._producer.send(
            event.topic, value=event.value, key=event.key, headers=headers, partition=partition
        )
        return acknowledgement

    async def _sent_bare(self, event: Event, partition: int | None) -> asyncio.Future[object]:
        """Send a record with neither key nor value: `send` refuses it, a batch of one does not."""
        batch = self._producer.create_batch()
        batch.append(timestamp=None, key=None, value=None, headers=list(event.headers))
        if partition is None:
            partition = min(await self._producer.partitions_for(event.topic))
        acknowledgement: asyncio.Future[object] = await self._producer.send_batch(
            batch, event.topic, partition=partition
        )
        return acknowledgement


@asynccontextmanager
async def publishing(producer: AIOKafkaProducer) -> AsyncIterator[KafkaPublisher]:
    """Start the producer for a bounded piece of work, and stop it afterwards. Raises KafkaUnreachable."""
    try:
        try:
            await producer.start()
        except (KafkaError, TimeoutError) as error:
            raise KafkaUnreachable(error) from None
        yield KafkaPublisher(producer)
    finally:
        await aiokafka_sender.stop(producer)


async def _in_time(work: Awaitable[T]) -> T:
    """Wait within the deadline; raise this module's exceptions for those of Kafka's client."""
    try:
        return await asyncio.wait_for(work, ACK_DEADLINE)
    except MessageSizeTooLargeError as error:
        raise EventTooLarge(error) from None
    except (KafkaError, TimeoutError) as error:
        raise NotPublished(error) from None
