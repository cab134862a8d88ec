"""Topics on a real Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import Consumer, Message
from confluent_kafka.admin import AdminClient, NewTopic

CREATE_TIMEOUT = 60.0


def create_topics(bootstrap: str, names: Sequence[str], *, partitions: int = 4) -> None:
    """Create topics and return when Kafka has them. Raises confluent_kafka.KafkaException."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [NewTopic(name, num_partitions=partitions) for name in names]
    for created in admin.create_topics(wanted, operation_timeout=CREATE_TIMEOUT).values():
        created.result(CREATE_TIMEOUT)


def first_record(bootstrap: str, topic: str) -> Message:
    """Return the first record of a topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        record = consumer.poll(30)
        assert record is not None
        assert record.error() is None
        return record
    finally:
        consumer.close()
