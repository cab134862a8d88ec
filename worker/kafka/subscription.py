"""The consumer of one system's topics, inside FastStream: made anew at each start, and dropped at each stop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError

from worker.kafka import bounded_codecs, faststream_consumer
from worker.kafka.committer import LEAVE_DEADLINE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
    from faststream.kafka import KafkaBroker

    from worker.kafka.faststream_consumer import RawRecords
    from worker.kafka.intake_settings import IntakeSettings


class Subscription:
    """Holds FastStream's broker and subscriber while they run."""

    def __init__(
        self,
        make_broker: Callable[[], KafkaBroker],
        topics: Sequence[str],
        group: str,
        settings: IntakeSettings,
    ) -> None:
        self._make_broker = make_broker
        self._topics = topics
        self._group = group
        self._settings = settings
        self._broker: KafkaBroker | None = None
        self._subscriber: Any = None

    @property
    def started(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._broker is not None

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The consumer of the present start, or None."""
        return faststream_consumer.consumer_of(self._subscriber)

    async def start(
        self, on_batch: Callable[[RawRecords], Awaitable[None]], listener: ConsumerRebalanceListener
    ) -> None:
        """Join the group and begin to take records. Raises KafkaError; then nothing stays open."""
        bounded_codecs.install()
        broker = self._make_broker()
        subscriber = faststream_consumer.subscribe(
            broker, self._topics, self._group, self._settings, listener
        )
        subscriber(on_batch)
        self._broker, self._subscriber = broker, subscriber
        try:
            await broker.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Leave the group, or give that up at the deadline."""
        broker, self._broker = self._broker, None
        if broker is not None:
            with contextlib.suppress(TimeoutError):
                try:
                    async with asyncio.timeout(LEAVE_DEADLINE):
                        await broker.stop()
                except* KafkaError:  # FastStream raises a group: what the consumer failed by is over with it
                    pass
        self._subscriber = None
