"""Replays as records: each key in order, also where Kafka takes one of them not."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from worker.admin.publishing import Publisher
from worker.admin.replay_sql import Ordered
from worker.kafka.publisher import KafkaPublisher, NotPublished
from worker.pipeline.ports import Event

TOPIC = "herald.nhis.submissions"


def publisher_through(producer):
    return Publisher(KafkaPublisher(producer))


class Producer:
    """Acknowledges in the next turn, and finds too large what the test says."""

    def __init__(self, partitions=(0, 1, 2), too_large=(), broken=()):
        self.partitions, self.too_large, self.broken = set(partitions), too_large, broken
        self.sent = []

    async def partitions_for(self, topic):
        assert topic == TOPIC
        return self.partitions

    async def send(self, topic, *, value, key, headers, partition):
        if value in self.too_large:
            raise MessageSizeTooLargeError
        if value in self.broken:
            raise KafkaConnectionError
        self.sent.append((key, value, partition, dict(headers)))
        acknowledged = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(acknowledged.set_result, None)
        return acknowledged


def ordered(name, key=b"p-1", partition=1):
    headers = (("ce_id", name.encode()), ("herald-reason", b"x"))
    return Ordered(name, 2, TOPIC, partition, Event("dead", key, name.encode(), headers))


async def test_what_leaves_is_the_record_with_its_pointer_to_where_it_came_from():
    producer = Producer()
    assert await publisher_through(producer).publish([ordered("a")]) == {"a"}
    headers = {"ce_id": b"a", "herald-replay-of": b"a", "herald-replay-count": b"2"}
    assert producer.sent == [(b"p-1", b"a", 1, headers)]


async def test_a_partition_that_is_gone_is_left_to_the_key():
    producer = Producer(partitions=(0,))
    await publisher_through(producer).publish([ordered("a")])
    assert producer.sent[0][2] is None


async def test_each_key_keeps_its_order():
    producer = Producer()
    batch = [ordered(f"{key}{n}", key.encode()) for n in range(5) for key in "xyz"]
    await publisher_through(producer).publish(batch)
    for key in (b"x", b"y", b"z"):
        assert [value for k, value, *_ in producer.sent if k == key] == [key + b"%d" % n for n in range(5)]


async def test_nothing_overtakes_what_is_too_large_not_even_in_the_next_batch():
    producer = Producer(too_large={b"x1"})
    publisher = publisher_through(producer)
    batch = [ordered("x0", b"x"), ordered("x1", b"x"), ordered("x2", b"x"), ordered("y0", b"y")]
    assert await publisher.publish(batch) == {"x0", "y0"}
    assert await publisher.publish([ordered("x3", b"x"), ordered("y1", b"y")]) == {"y1"}


async def test_other_trouble_is_the_callers():
    with pytest.raises(NotPublished, match="the connection is closed"):
        await publisher_through(Producer(broken={b"a"})).publish([ordered("a")])
