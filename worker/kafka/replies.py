"""Replies and dead letters to Kafka: each is published again until Kafka acknowledges it, through every outage."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import (
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    UnknownProducerId,
)

from worker.kafka import aiokafka_sender
from worker.kafka.publisher import ACK_DEADLINE, EventTooLarge, KafkaPublisher, NotPublished
from worker.kafka.refusals import REFUSED, explained
from worker.kafka.rights import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import AIOKafkaProducer

    from worker.pipeline.ports import Event

log = logging.getLogger(__name__)

FATAL = (OutOfOrderSequenceNumber, ProducerClosed, ProducerFenced, UnknownProducerId)
"""After these an idempotent producer accepts nothing more and must be replaced."""
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)


class ReplyPublisher:
    """Publishes replies and dead letters. One instance serves all submissions."""

    def __init__(
        self, make_producer: Callable[[], AIOKafkaProducer], *, deadline: float = ACK_DEADLINE
    ) -> None:
        """``deadline``: seconds to wait for an acknowledgement."""
        self._make_producer = make_producer
        self._deadline = deadline
        self._producer: AIOKafkaProducer | None = None
        self._publisher: KafkaPublisher | None = None
        self._lock = asyncio.Lock()
        self._failing: dict[str, str] = {}

    async def start(self) -> None:
        """Connect. Raises KafkaError while Kafka is unavailable."""
        producer = self._make_producer()
        try:
            await producer.start()
        except BaseException:
            await aiokafka_sender.stop(producer)
            raise
        self._producer, self._publisher = producer, KafkaPublisher(producer, deadline=self._deadline)

    async def stop(self) -> None:
        """Flush and disconnect."""
        producer, self._producer, self._publisher = self._producer, None, None
        if producer is not None:
            await aiokafka_sender.stop(producer)

    async def missing(self, topics: Iterable[str]) -> dict[str, str]:
        """Return the topics that Kafka does not show, with the reason: none exists, or a right is missing."""
        publisher = self._publisher or (await self._reconnect(None))[1]
        hidden = {topic: await publisher.why_hidden(topic) for topic in topics}
        return {
            topic: explained(why, Operation.WRITE, topic=topic)
            for topic, why in hidden.items()
            if why is not None
        }

    @property
    def failing(self) -> str | None:
        """What keeps replies from being acknowledged, or None."""
        return "; ".join(f"{topic}: {why}" for topic, why in self._failing.items()) or None

    async def publish(self, event: Event, instead: Event | None = None) -> None:
        """Return when Kafka acknowledged the event (or ``instead``, for one that is too large).

        Publishes it again for as long as Kafka does not.
        """
        failures = 0
        while True:
            producer, publisher = self._producer, self._publisher
            try:
                if publisher is None:
                    producer, publisher = await self._reconnect(None)
                await publisher.publish(event)
            except (NotPublished, KafkaError, TimeoutError) as error:
                if isinstance(error, EventTooLarge) and instead is not None:
                    log.warning(
                        "event too large for its topic, published without its value",
                        extra={"topic": event.topic},
                    )
                    event, instead = instead, None
                    continue
                cause = error.cause if isinstance(error, NotPublished) else error
                self._note_failure(event.topic, cause)
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                await self._replace_broken(producer, cause)
            else:
                self._failing.pop(event.topic, None)
                return

    def _note_failure(self, topic: str, cause: Exception) -> None:
        refusal = explained(cause, Operation.WRITE, topic=topic) if isinstance(cause, REFUSED) else None
        self._failing[topic] = refusal or type(cause).__name__
        log.warning(
            "reply not acknowledged; it will be published again",
            extra={"topic": topic, "error": type(cause).__name__, "detail": refusal},
        )

    async def _replace_broken(self, producer: AIOKafkaProducer | None, cause: Exception) -> None:
        """Replace a producer that accepts nothing more, if Kafka can be reached."""
        if isinstance(cause, FATAL) or (producer is not None and aiokafka_sender.has_ended(producer)):
            with contextlib.suppress(KafkaError, TimeoutError):
                await self._reconnect(producer)

    async def _reconnect(self, broken: AIOKafkaProducer | None) -> tuple[AIOKafkaProducer, KafkaPublisher]:
        """Replace the producer that this caller found broken, unless another caller did so already."""
        async with self._lock:
            if self._producer is broken or self._producer is None:
                await self.stop()
                await self.start()
            assert self._producer is not None  # noqa: S101  # start() sets both or raises
            assert self._publisher is not None  # noqa: S101
            return self._producer, self._publisher
