"""Kafka out: an idempotent producer that waits for every acknowledgement and outlives outages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    UnknownProducerId,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import AIOKafkaProducer

    from worker.pipeline.ports import Event

log = logging.getLogger(__name__)

ACK_DEADLINE = 30.0
"""Seconds to wait for an acknowledgement. An idempotent producer below min.insync.replicas never gives up by
itself; whether the event arrived is then unknown, and publishing the same bytes again is safe by design."""
TOPIC_DEADLINE = 3.0
"""Seconds to hear of a topic; aiokafka asks again and again for one that is not there."""
LEAVE_DEADLINE = 5.0
"""Seconds to let go of a producer. What is not acknowledged by then is published again by whoever comes next, so
waiting longer for a Kafka that is away would only outlast the time that an orchestrator grants."""
FATAL = (OutOfOrderSequenceNumber, ProducerClosed, ProducerFenced, UnknownProducerId)
"""After these an idempotent producer accepts nothing more and must be replaced."""
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)


class ReplyPublisher:
    """Publishes replies and dead letters. One instance serves all submissions."""

    def __init__(self, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self._make_producer = make_producer
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()
        self._failing: dict[str, str] = {}

    async def start(self) -> None:
        """Connect. Raises KafkaError while Kafka is away."""
        producer = self._make_producer()
        try:
            await producer.start()
        except BaseException:
            with contextlib.suppress(KafkaError):
                await producer.stop()
            raise
        self._producer = producer

    async def stop(self) -> None:
        """Flush and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError):
                await _let_go(producer)

    async def missing(self, topics: Iterable[str]) -> list[str]:
        """Return those that Kafka does not show: they do not exist, or this login may not write to them."""
        producer = self._producer or await self._reconnect(None)
        return [topic for topic in topics if not await _is_there(producer, topic)]

    @property
    def failing(self) -> str | None:
        """What keeps replies from being acknowledged, or None."""
        return "; ".join(f"{topic}: {why}" for topic, why in self._failing.items()) or None

    async def publish(self, event: Event, instead: Event | None = None) -> None:
        """Return when Kafka acknowledged the event (or ``instead``, for one that is too large).

        Tries again for as long as it does not.
        """
        failures = 0
        while True:
            producer = self._producer
            try:
                if producer is None:
                    producer = await self._reconnect(None)
                await self._send(producer, event)
            except (KafkaError, TimeoutError) as error:
                if isinstance(error, MessageSizeTooLargeError) and instead is not None:
                    log.warning(
                        "too large for its topic, leaves without its value", extra={"topic": event.topic}
                    )
                    event, instead = instead, None
                    continue
                self._failing[event.topic] = type(error).__name__
                log.warning(
                    "reply not acknowledged, will publish it again",
                    extra={"topic": event.topic, "error": type(error).__name__},
                )
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                if isinstance(error, FATAL) or (producer is not None and _is_dead(producer)):
                    with contextlib.suppress(KafkaError, TimeoutError):
                        await self._reconnect(producer)
            else:
                self._failing.pop(event.topic, None)
                return

    async def _send(self, producer: AIOKafkaProducer, event: Event) -> None:
        if event.key is None and event.value is None:
            acknowledged = await _send_bare(producer, event)
        else:
            acknowledged = await producer.send(
                event.topic, value=event.value, key=event.key, headers=list(event.headers)
            )
        await asyncio.wait_for(acknowledged, ACK_DEADLINE)

    async def _reconnect(self, broken: AIOKafkaProducer | None) -> AIOKafkaProducer:
        """Replace the producer that this caller found broken, unless another caller did so already."""
        async with self._lock:
            if self._producer is broken or self._producer is None:
                await self.stop()
                await self.start()
            assert self._producer is not None  # noqa: S101  # start() sets it or raises
            return self._producer


async def _is_there(producer: AIOKafkaProducer, topic: str) -> bool:
    try:
        return bool(await asyncio.wait_for(producer.partitions_for(topic), TOPIC_DEADLINE))
    except (KafkaError, TimeoutError):
        return False


async def _send_bare(producer: AIOKafkaProducer, event: Event) -> asyncio.Future[object]:
    """Send a dead letter whose record had neither key nor value: `send` refuses it, a batch of one does not."""
    batch = producer.create_batch()
    batch.append(timestamp=None, key=None, value=None, headers=list(event.headers))
    partition = min(await producer.partitions_for(event.topic))
    acknowledged: asyncio.Future[object] = await producer.send_batch(batch, event.topic, partition=partition)
    return acknowledged


def _is_dead(producer: AIOKafkaProducer) -> bool:
    """Tell whether the task that sends has ended: everything fails from then on, with an error like any other."""
    task = producer._sender.sender_task  # noqa: SLF001 - aiokafka does not show it
    return task is not None and bool(task.done())


async def _let_go(producer: AIOKafkaProducer) -> None:
    """Stop a producer; one that waits for acknowledgements that do not come is put away without them."""
    try:
        await asyncio.wait_for(producer.stop(), LEAVE_DEADLINE)
    except TimeoutError:
        # aiokafka has no way to stop without flushing; its sender in turn waits for requests under way.
        producer._sender.sender_task.cancel()  # noqa: SLF001
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(producer.client.close(), LEAVE_DEADLINE)
