"""What is relied on of FastStream's and aiokafka's inside: these fail when a new version of a library moves it."""

from __future__ import annotations

import asyncio
import inspect
import time
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faststream.kafka.message import AckStatus

from worker.kafka import faststream_consumer
from worker.kafka.broker import make_broker
from worker.kafka.faststream_consumer import (
    POLL_MS,
    Place,
    consumer_of,
    place_of,
    poll_through,
    record_of,
    rejoin,
    subscribe,
)
from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.settings import KafkaSettings
from worker.pipeline.ports import Record

PARTITION = TopicPartition("submissions", 1)
RAW = ConsumerRecord(
    "submissions", 1, 7, 123, 0, b"k", b"v", None, 1, 1, (("ce_id", b"\xff"), ("none", None))
)
RECORD = Record("submissions", 1, 7, 123, b"k", b"v", (("ce_id", b"\xff"), ("none", None)))


class Listener(ConsumerRebalanceListener):
    async def on_partitions_revoked(self, revoked): ...

    async def on_partitions_assigned(self, assigned): ...


@pytest.fixture
def subscriber():
    broker = make_broker(KafkaSettings(bootstrap_servers=("127.0.0.1:1",)))
    return subscribe(broker, ["submissions"], "g", IntakeSettings(batch_records=33), Listener())


def test_a_subscriber_has_no_consumer_before_its_start(subscriber):
    assert subscriber.consumer is None
    assert consumer_of(subscriber) is None
    assert consumer_of(None) is None


async def test_the_settings_reach_the_consumer(subscriber):
    """The arguments that FastStream keeps for the consumer are ones that aiokafka takes."""
    given = subscriber._connection_args
    assert given["enable_auto_commit"] is False
    assert given["auto_offset_reset"] == "none"
    assert given["isolation_level"] == "read_committed"
    assert given["rebalance_timeout_ms"] == 30_000
    assert set(given) <= set(inspect.signature(AIOKafkaConsumer.__init__).parameters)


async def test_the_group_can_be_joined_again():
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    joined = asyncio.get_running_loop().create_future()
    consumer._coordinator = GroupCoordinator.__new__(GroupCoordinator)
    consumer._coordinator._rejoin_needed_fut = joined
    rejoin(consumer)
    rejoin(consumer)  # twice is once
    assert joined.done()
    consumer._coordinator = None
    await consumer.stop()


async def test_a_batch_is_polled_through_what_stands_in_for_getmany(subscriber):
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    asked = []

    async def getmany(*, timeout_ms, max_records):
        asked.append((timeout_ms, max_records))
        return {PARTITION: [RAW, RECORD]}

    poll_through(consumer, getmany)
    assert await subscriber.get_msg(consumer) == (RAW, RECORD)
    assert asked == [(POLL_MS, 33)]
    await consumer.stop()


@pytest.mark.parametrize("waited_ms", [0, POLL_MS])
async def test_an_empty_poll_takes_its_whole_time_and_faststream_adds_next_to_none(subscriber, waited_ms):
    """Neither a loop without a pause where a poll returns at once, nor a sleep in which records would wait."""
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")

    async def getmany(*, timeout_ms, max_records):
        await asyncio.sleep(waited_ms / 1000)
        return {}

    poll_through(consumer, getmany)
    began = time.monotonic()
    assert await subscriber.get_msg(consumer) == ()
    assert time.monotonic() - began >= POLL_MS / 1000
    assert subscriber.batch_timeout_ms <= POLL_MS / 50  # FastStream sleeps as long again
    await consumer.stop()


def test_the_poll_that_is_replaced_has_the_shape_that_ours_calls():
    parameters = inspect.signature(AIOKafkaConsumer.getmany).parameters
    assert list(parameters) == ["self", "partitions", "timeout_ms", "max_records"]
    assert parameters["partitions"].kind is inspect.Parameter.VAR_POSITIONAL
    assert inspect.iscoroutinefunction(AIOKafkaConsumer.getmany)
    assert not hasattr(AIOKafkaConsumer, "__slots__")


async def test_a_header_that_is_not_utf8_comes_through_and_nothing_is_acknowledged_by_itself():
    message = await faststream_consumer._keep_raw((RAW, RECORD))
    assert message.committed is AckStatus.ACKED  # so that FastStream does nothing about it
    records = await faststream_consumer._raw_records(message)
    assert records == (RAW, RECORD)
    known = replace(RECORD, topic_id="topic-1")
    assert [record_of(one, "topic-1") for one in records] == [known, known]


async def test_where_a_consumer_stands_is_known_without_waiting():
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    assert place_of(consumer, PARTITION) is None
    consumer.assign([PARTITION])
    assert place_of(consumer, PARTITION) is None
    state = consumer._subscription.subscription.assignment.state_value(PARTITION)
    assert {"lso", "highwater"} <= set(vars(state))
    state.seek(7)
    state.lso, state.highwater = 8, 9
    assert place_of(consumer, PARTITION) == Place(7, 8, 9)
    await consumer.stop()


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (b"k" * 70_000, ()),
        (b"k", (("h", b"x" * 70_000),)),
        (b"k", (("h" * 70_000, None),)),
        (b"k", (("", None),) * 40_000),
    ],
    ids=["key", "value-of-a-header", "name-of-a-header", "headers"],
)
def test_a_record_that_no_reply_could_be_addressed_to_is_reported_by_its_place(key, headers) -> None:
    raw = ConsumerRecord("t", 1, 5, 1000, 0, key, b"v", None, len(key), 1, headers)
    found = record_of(raw, "id")
    assert found == Record("t", 1, 5, 1000, None, None, (), "AddressingTooLarge", "id")
    ordinary = ConsumerRecord("t", 1, 5, 1000, 0, b"k" * 60_000, b"v", None, 60_000, 1, (("h", b"x"),))
    assert record_of(ordinary, "id").unreadable is None
