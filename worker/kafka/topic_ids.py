"""The id that Kafka gives a topic when it is created: it distinguishes a topic from an earlier one of the same name.

It relies on aiokafka's inside; a unit test holds the installed version to it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError, NodeNotReadyError

from worker.kafka.metadata import NONE, Metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from aiokafka import AIOKafkaConsumer

log = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
ASK_AGAIN = 10.0
"""Seconds after which it is asked again in any case: metadata of a partition that is paused may be minutes old."""
PAUSE = 10.0
"""Seconds before the next question where one failed: polls wait for the answer."""
SOON = 1.0
"""The same seconds while nothing is known, as while the topic is deleted: nothing is read before."""
NO_ERROR, UNKNOWN_TOPIC, TOPIC_AUTHORIZATION_FAILED = 0, 3, 29


class TopicId:
    """The id of one topic, from a consumer's cluster. It is requested again after every change of metadata."""

    def __init__(self, topic: str, monotonic: Callable[[], float]) -> None:
        self.value: str | None = None
        """The id, or None if Kafka provides none."""
        self.topic = topic
        self.answered = False
        """Whether Kafka said which id the topic has, or that it has none."""
        self.denied = False
        """Whether the worker's login may not read the topic."""
        self._last_known: str | None = None
        self._monotonic = monotonic
        self._stale = True
        self._not_before = self._asked_at = float("-inf")
        self._turn = asyncio.Lock()  # polls ask, and commits

    def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Notice when the consumer's metadata changes: it does when a topic is recreated."""
        self._stale = True
        consumer._client.cluster.add_listener(self._on_change)  # noqa: SLF001

    def _on_change(self, _: object) -> None:
        self.doubt()

    def doubt(self) -> None:
        """Let it be asked again: what is read next may be of a topic that was recreated."""
        self._stale = True

    async def refresh(self, consumer: AIOKafkaConsumer) -> None:
        """Ask again where it may have changed. Where Kafka does not answer, the id of before stays until it does."""
        async with self._turn:
            now = self._monotonic()
            asked = now < self._asked_at + (ASK_AGAIN if self.answered else SOON)
            if (self._stale or not asked) and now >= self._not_before:
                await self._refresh(consumer)

    async def _refresh(self, consumer: AIOKafkaConsumer) -> None:
        self._stale, self._asked_at = False, self._monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._hear(*await _ask(consumer, self.topic))
        except asyncio.CancelledError:
            self._stale = True
            raise
        except (KafkaError, TimeoutError) as error:
            pause = PAUSE if self.answered else SOON
            self._stale, self._not_before = True, self._monotonic() + pause
            detail = {"topic": self.topic, "error": type(error).__name__}
            log.info("the topic's id is not known yet", extra=detail)
            return
        if self.value is not None:
            if self._last_known not in {None, self.value}:
                # While the topic was deleted, the group assigned none of it; Kafka's client would look minutes later.
                consumer._client.force_metadata_update()  # noqa: SLF001
            self._last_known = self.value

    def _hear(self, error_code: int, topic_id: UUID) -> None:
        self.answered, self.denied = error_code == NO_ERROR, error_code == TOPIC_AUTHORIZATION_FAILED
        self.value = str(topic_id) if self.answered and topic_id != NONE else None


class TopicIds:
    """The ids of the topics that one consumer reads."""

    def __init__(self, topics: Iterable[str], monotonic: Callable[[], float]) -> None:
        self._by_topic = {topic: TopicId(topic, monotonic) for topic in topics}

    def of(self, topic: str) -> str | None:
        """Return the topic's id, or None if it is not known or Kafka provides none."""
        known = self._by_topic.get(topic)
        return known.value if known else None

    def is_answered(self, topic: str) -> bool:
        """Whether Kafka said which id the topic has, or that it has none."""
        return self._by_topic[topic].answered

    def is_denied(self, topic: str) -> bool:
        """Whether the worker's login may not read the topic."""
        return self._by_topic[topic].denied

    def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Notice when the consumer's metadata changes."""
        for one in self._by_topic.values():
            one.watch(consumer)

    def doubt(self) -> None:
        """Let them be asked again."""
        for one in self._by_topic.values():
            one.doubt()

    async def refresh(self, consumer: AIOKafkaConsumer) -> None:
        """Ask again where one may have changed."""
        await asyncio.gather(*(one.refresh(consumer) for one in self._by_topic.values()))


async def _ask(consumer: AIOKafkaConsumer, topic: str) -> tuple[int, UUID]:
    """Return the error code of the topic, and its id. Raises KafkaError."""
    client = consumer._client  # noqa: SLF001
    if (node := client.get_random_node()) is None:
        raise NodeNotReadyError
    try:
        response = await client.send(node, Metadata([topic]))
    except NotImplementedError:  # the broker is older than topic ids
        return NO_ERROR, NONE
    return next(((one[0], one[2]) for one in response.topics if one[1] == topic), (UNKNOWN_TOPIC, NONE))
