"""The demo's Kafka: embedded without Java, or one that runs elsewhere. What it does with either is the same.

The embedded one is librdkafka's mock cluster, a real TCP broker inside this process. Its limits: memory only, topics
made on first use, one consumer per group, no Java clients. Tests of Herald's promises use Apache Kafka.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from demo.processes import EnvironmentFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTITIONS = 4
"""Of every topic."""
GROUP = "herald-worker"
_SECONDS = 15.0


class Kafka:
    """A Kafka at an address, and a producer to it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.group = GROUP
        """The worker's consumer group."""
        self._producer = Producer(
            {
                "bootstrap.servers": address,
                "acks": "all",
                # As Java's clients and `herald submit` do: one key goes to one partition, whoever publishes.
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )

    def create(self, topics: Iterable[str]) -> None:
        """Make the topics. Raises EnvironmentFailed."""
        raise NotImplementedError

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
        """Stop producing."""
        self._producer.flush(5)


class EmbeddedKafka(Kafka):
    """The mock cluster; it ends with the process."""

    def __init__(self) -> None:
        """Start it. Raises EnvironmentFailed."""
        try:
            self._cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
            brokers = self._cluster.list_topics(timeout=10).brokers.values()
        except KafkaException as error:
            raise EnvironmentFailed(f"Kafka (embedded) did not start: {error}") from error
        super().__init__(",".join(f"{broker.host}:{broker.port}" for broker in brokers))

    def create(self, topics: Iterable[str]) -> None:
        """Make topics by asking for them."""
        for topic in topics:
            self._producer.list_topics(topic, timeout=10)


class ExternalKafka(Kafka):
    """A Kafka that somebody else runs; the demo's topics and groups are removed at the end."""

    def __init__(self, address: str) -> None:
        """Ask it for its topics. Raises EnvironmentFailed."""
        super().__init__(address)
        # Its own group: offsets of an earlier run would be beyond the end of the new topics.
        self.group = f"herald-demo-{uuid.uuid4().hex[:8]}"
        self._admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
        self._made: list[str] = []
        try:
            self._present = set(self._admin.list_topics(timeout=_SECONDS).topics)
        except KafkaException as error:
            raise EnvironmentFailed(f"There is no Kafka at {address}: {error.args[0].str()}.") from None

    def create(self, topics: Iterable[str]) -> None:
        """Make topics; the demo begins with empty ones, so none of them may exist."""
        wanted = list(topics)
        if taken := sorted(self._present & set(wanted)):
            raise EnvironmentFailed(
                f"The Kafka at {self.address} already has topics with the demo's names, and the demo deletes no topics"
                f" of others: delete them, or choose another Kafka. They are {', '.join(taken)}."
            )
        made = self._admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS) for topic in wanted])
        for topic, done in made.items():
            try:
                done.result(_SECONDS)
            except KafkaException as error:
                raise EnvironmentFailed(
                    f"Kafka did not create the topic {topic}: {error.args[0].str()}."
                ) from None
            self._made.append(topic)

    def close(self) -> None:
        """Remove what the demo made. What Kafka refuses to remove stays; the next run says so."""
        super().close()
        groups = {f"{self.group}.{topic.split('.')[1]}" for topic in self._made}
        removed = [
            *(self._admin.delete_topics(self._made).values() if self._made else ()),
            *(self._admin.delete_consumer_groups(sorted(groups)).values() if groups else ()),
        ]
        for one in removed:
            one.exception(_SECONDS)


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
