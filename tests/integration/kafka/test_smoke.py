"""The harness itself: what other tests build on must hold."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.support.kafka.cluster import Cluster, Kafka
from tests.support.kafka.topics import create_topics


def _producer(bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)


async def _values(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_an_idempotent_producer_is_read_back_with_key_and_headers(kafka: Kafka, topic_prefix: str):
    topic = f"{topic_prefix}echo"
    create_topics(kafka.bootstrap, [topic])

    async with _producer(kafka.bootstrap) as producer:
        await producer.send_and_wait(topic, b"value", key=b"key", headers=[("ce_id", b"1")])

    async with AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value, record.headers) == (b"key", b"value", (("ce_id", b"1"),))


async def test_a_topic_has_the_partitions_asked_for(kafka: Kafka, topic_prefix: str):
    topic = f"{topic_prefix}wide"
    create_topics(kafka.bootstrap, [topic], partitions=7)

    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap) as consumer:
        assert consumer.partitions_for_topic(topic) == set(range(7))


async def test_what_was_acknowledged_survives_kill_9(kafka_own: Cluster, topic_prefix: str):
    topic = f"{topic_prefix}kept"
    create_topics(kafka_own.bootstrap, [topic], partitions=1)
    (broker,) = kafka_own.brokers

    async with _producer(kafka_own.bootstrap) as producer:
        await producer.send_and_wait(topic, b"before")
        broker.kill9()
        assert not broker.running
        broker.start()
        broker.wait_ready()
        await producer.send_and_wait(topic, b"after")

    assert await _values(kafka_own.bootstrap, topic, 2) == [b"before", b"after"]


async def test_a_paused_broker_answers_nothing_until_it_is_resumed(kafka_own: Cluster, topic_prefix: str):
    topic = f"{topic_prefix}paused"
    create_topics(kafka_own.bootstrap, [topic], partitions=1)
    (broker,) = kafka_own.brokers

    async with _producer(kafka_own.bootstrap) as producer:
        broker.pause()
        sent = asyncio.ensure_future(producer.send_and_wait(topic, b"late"))
        done, _ = await asyncio.wait([sent], timeout=1)
        assert not done
        broker.resume()
        await sent


async def test_a_stopped_broker_refuses_connections(kafka_own: Cluster):
    (broker,) = kafka_own.brokers
    broker.stop()

    producer = _producer(kafka_own.bootstrap)
    with pytest.raises(KafkaError):
        await producer.start()
    await producer.stop()


async def test_three_nodes_keep_serving_when_one_is_killed(kafka_distribution, tmp_path, topic_prefix: str):
    topic = f"{topic_prefix}replicated"
    with Cluster(kafka_distribution, tmp_path, nodes=3) as cluster:
        create_topics(cluster.bootstrap, [topic], partitions=3)
        async with _producer(cluster.bootstrap) as producer:
            await producer.send_and_wait(topic, b"three", partition=0)
            cluster.brokers[1].kill9()
            await producer.send_and_wait(topic, b"two", partition=0)

        assert await _values(cluster.bootstrap, topic, 2) == [b"three", b"two"]
