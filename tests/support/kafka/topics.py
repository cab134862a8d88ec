"""Topics on a real Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka.admin import AdminClient, NewTopic

CREATE_TIMEOUT = 60.0


def create_topics(bootstrap: str, names: Sequence[str], *, partitions: int = 4) -> None:
    """Create topics and return when Kafka has them. Raises confluent_kafka.KafkaException."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [NewTopic(name, num_partitions=partitions) for name in names]
    for created in admin.create_topics(wanted, operation_timeout=CREATE_TIMEOUT).values():
        created.result(CREATE_TIMEOUT)
