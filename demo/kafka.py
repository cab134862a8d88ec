"""A Kafka for the demo without Java: librdkafka's mock cluster, a real TCP broker inside this process.

Its limits: memory only, topics made on first use, one consumer per group. Tests of Herald's promises use
Apache Kafka.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import confluent_kafka.admin  # noqa: F401 - list_topics does, and a signal meanwhile would become an ImportError
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from demo.processes import EnvironmentFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTITIONS = 4
"""Of every topic in the mock cluster."""


class EmbeddedKafka:
    """The cluster, and a producer to it."""

    def __init__(self) -> None:
        """Start it. Raises EnvironmentFailed."""
        try:
            self._start()
        except KafkaException as error:
            raise EnvironmentFailed(f"Kafka (embedded) did not start: {error}") from error

    def _start(self) -> None:
        self._cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        brokers = self._cluster.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self._producer = Producer({"bootstrap.servers": self.address, "acks": "all", "log_level": 0})

    def create(self, topics: Iterable[str]) -> None:
        """Make topics by asking for them."""
        for topic in topics:
            self._producer.list_topics(topic, timeout=10)

    def publish(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        """Publish one record and wait for its acknowledgement. Raises RuntimeError if Kafka refuses it."""
        refused: list[KafkaError] = []

        def acknowledged(error: KafkaError | None, _: object) -> None:
            if error is not None:
                refused.append(error)

        self._producer.produce(
            topic, value=value, key=key, headers=list(headers.items()), on_delivery=acknowledged
        )
        self._producer.flush(30)
        if refused:
            raise RuntimeError(f"Kafka refused a record for {topic}: {refused[0]}")

    def reader(self, topics: Iterable[str]) -> Reader:
        """Read topics from their beginning."""
        return Reader(self.address, tuple(topics))

    def close(self) -> None:
        """Stop producing; the cluster ends with the process."""
        self._producer.flush(5)


class Reader:
    """Reads whole topics, without a group."""

    def __init__(self, address: str, topics: tuple[str, ...]) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": "demo-reader",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "log_level": 0,
            }
        )
        self._consumer.assign([TopicPartition(t, p, 0) for t in topics for p in range(PARTITIONS)])

    def poll(self, seconds: float) -> Iterator[Any]:
        """Yield the messages of the next `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            message = self._consumer.poll(left)
            if message is not None and message.error() is None:
                yield message

    def close(self) -> None:
        """Stop reading."""
        self._consumer.close()


def headers_of(message: Any) -> dict[str, str]:
    """Return a message's headers as text."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers() or ()}
