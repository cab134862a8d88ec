"""Publishing of events with their acknowledgement: the one way in which Herald writes to Kafka."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from worker.kafka import aiokafka_sender
from worker.kafka.acknowledgements import Acknowledgements
from worker.kafka.errors import connecting
from worker.kafka.refusals import explained
from worker.kafka.rights import Operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable
    from types import TracebackType

    from aiokafka import AIOKafkaProducer

    from worker.pipeline.ports import Event

T = TypeVar("T")

ACK_DEADLINE = 30.0
"""Seconds to wait for an acknowledgement. An idempotent producer below min.insync.replicas never gives up by
itself; whether the event arrived is then unknown, and publishing the same bytes again is safe by design."""
TOPIC_DEADLINE = 3.0
"""Seconds to wait for a topic's metadata; aiokafka asks for longer than that where there is no such topic."""


class NotPublished(Exception):
    """Kafka did not acknowledge an event, and may have it all the same. The message holds nothing of the event."""

    told = "Kafka did not acknowledge an event"

    def __init__(self, cause: Exception) -> None:
        self.why = explained(cause, Operation.WRITE)
        """What was wrong, as a sentence without the full stop."""
        super().__init__(f"{self.told}: {self.why}")
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

    def __init__(
        self, producer: AIOKafkaProducer, *, checks_topics: bool = False, deadline: float = ACK_DEADLINE
    ) -> None:
        """``checks_topics``: fail soon where there is no such topic, in place of waiting for it to be made.

        ``deadline``: seconds to wait for an acknowledgement.
        """
        self._producer = producer
        self._checks_topics = checks_topics
        self._seen: set[str] = set()
        self._deadline = deadline
        self._acknowledgements = Acknowledgements(deadline)

    async def publish(self, event: Event, *, partition: int | None = None) -> None:
        """Return when Kafka acknowledged the event.

        ``partition`` is preferred where the topic has it; else the event's key decides.
        """
        await self._check(event.topic)
        if partition is not None:
            await self._in_time(self._published(event, partition))
            return
        with _explained():
            # What comes before the acknowledgement (the topic's partitions, room for the event) aiokafka bounds itself.
            await self._acknowledgements.wait(await self._sent(event, None))

    async def publish_all(self, events: Iterable[Event]) -> None:
        """Publish in the order given, without waiting for each; return when Kafka acknowledged all of them."""
        acknowledgements = []
        for event in events:
            await self._check(event.topic)
            acknowledgements.append(await self._in_time(self._sent(event, None)))
        await asyncio.gather(*(self._in_time(one) for one in acknowledgements))

    async def shows(self, topic: str) -> bool:
        """Tell whether Kafka shows this topic: it exists, and this login may use it."""
        return await self.why_hidden(topic) is None

    async def why_hidden(self, topic: str) -> KafkaError | None:
        """Return why Kafka does not show this topic: there is none, or this login may not use it."""
        try:
            async with asyncio.timeout(TOPIC_DEADLINE):
                if await self._producer.partitions_for(topic):
                    return None
        except TopicAuthorizationFailedError as error:
            return error
        except (KafkaError, TimeoutError):
            pass
        return UnknownTopicOrPartitionError(topic)

    async def _check(self, topic: str) -> None:
        if not self._checks_topics or topic in self._seen:
            return
        if hidden := await self.why_hidden(topic):
            raise NotPublished(hidden)
        self._seen.add(topic)

    async def _in_time(self, work: Awaitable[T]) -> T:
        """Wait within the deadline; raise this module's exceptions for those of Kafka's client."""
        with _explained():
            # In place of `wait_for`, which makes a task.
            async with asyncio.timeout(self._deadline):
                return await work

    async def _published(self, event: Event, preferred: int) -> None:
        known = await self._producer.partitions_for(event.topic)
        await (await self._sent(event, preferred if preferred in known else None))

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
            with connecting():
                await producer.start()
        except (KafkaError, TimeoutError) as error:
            raise KafkaUnreachable(error) from None
        yield KafkaPublisher(producer, checks_topics=True)
    finally:
        await aiokafka_sender.stop(producer)


class _explained:  # noqa: N801 - used as a function
    """A context manager that raises this module's exceptions for those of Kafka's client."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, MessageSizeTooLargeError):
            raise EventTooLarge(error) from None
        if isinstance(error, KafkaError | TimeoutError):
            raise NotPublished(error) from None
