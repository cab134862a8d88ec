"""Publishing with an acknowledgement, within one deadline: order, partitions, and errors that say what happened."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, NotEnoughReplicasError

from worker.kafka import publisher as publisher_module
from worker.kafka.publisher import EventTooLarge, KafkaPublisher, KafkaUnreachable, NotPublished, publishing
from worker.pipeline.ports import Event

TOPIC = "herald.nhis.submissions"


class Producer:
    """Takes each event and acknowledges it, fails it, or stays silent, as `answers` says by value."""

    def __init__(self, answers=None, start_error=None):
        self.answers, self.start_error = answers or {}, start_error
        self.sent, self.stopped = [], False

    async def start(self):
        if self.start_error:
            raise self.start_error

    async def stop(self):
        self.stopped = True

    async def partitions_for(self, topic):
        return {1, 2} if topic == TOPIC else await asyncio.Event().wait()

    async def send(self, topic, *, value, key, headers, partition):
        self.sent.append((topic, key, value, partition, headers))
        acknowledgement = asyncio.get_running_loop().create_future()
        answer = self.answers.get(value)
        if isinstance(answer, Exception):
            acknowledgement.set_exception(answer)
        elif answer != "silence":
            acknowledgement.set_result(None)
        return acknowledgement

    def create_batch(self):
        return Batch()

    async def send_batch(self, batch, topic, *, partition):
        return await self.send(topic, value=None, key=None, headers=batch.headers, partition=partition)


class Batch:
    def append(self, *, timestamp, key, value, headers):
        assert (timestamp, key, value) == (None, None, None)
        self.headers = headers


def event(value, key=b"p-1"):
    return Event(TOPIC, key, value, (("ce_id", b"1"),))


async def test_an_event_goes_out_as_it_is_to_the_partition_of_its_key():
    producer = Producer()
    await KafkaPublisher(producer).publish(event(b"a"))
    assert producer.sent == [(TOPIC, b"p-1", b"a", None, [("ce_id", b"1")])]


@pytest.mark.parametrize(("preferred", "taken"), [(2, 2), (7, None)])
async def test_a_preferred_partition_counts_where_the_topic_has_it(preferred, taken):
    producer = Producer()
    await KafkaPublisher(producer).publish(event(b"a"), partition=preferred)
    assert producer.sent[0][3] == taken


@pytest.mark.parametrize(("preferred", "taken"), [(None, 1), (2, 2), (7, 1)])
async def test_a_record_without_key_and_value_goes_out_as_a_batch_of_its_own(preferred, taken):
    producer = Producer()
    await KafkaPublisher(producer).publish(event(None, None), partition=preferred)
    assert producer.sent == [(TOPIC, None, None, taken, [("ce_id", b"1")])]


async def test_many_are_sent_in_order_before_the_first_is_acknowledged():
    producer = Producer({b"0": "silence"})
    publishing_all = asyncio.create_task(
        KafkaPublisher(producer).publish_all(event(b"%d" % n) for n in range(5))
    )
    for _ in range(500):
        if len(producer.sent) == 5:
            break
        await asyncio.sleep(0.01)
    assert [value for _, _, value, *_ in producer.sent] == [b"0", b"1", b"2", b"3", b"4"]
    assert not publishing_all.done()
    publishing_all.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing_all


@pytest.mark.parametrize("many", [False, True])
async def test_an_acknowledgement_is_waited_for_until_the_deadline(many):
    publisher = KafkaPublisher(Producer({b"a": "silence"}), deadline=0.01)
    work = publisher.publish_all([event(b"a")]) if many else publisher.publish(event(b"a"))
    with pytest.raises(
        NotPublished, match=r"^Kafka did not acknowledge an event: Kafka does not answer in time$"
    ):
        await work


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("error", "raised"),
    [(NotEnoughReplicasError(), NotPublished), (MessageSizeTooLargeError(), EventTooLarge)],
    ids=["not enough replicas", "too large"],
)
async def test_what_kafka_says_is_the_cause_and_the_event_is_in_no_message(error, raised, many):
    publisher = KafkaPublisher(Producer({b"secret": error}))
    work = publisher.publish_all([event(b"secret")]) if many else publisher.publish(event(b"secret"))
    with pytest.raises(NotPublished) as failure:
        await work
    assert type(failure.value) is raised
    assert failure.value.cause is error
    assert "secret" not in str(failure.value)
    assert "p-1" not in str(failure.value)


async def test_a_producer_is_started_and_stopped_around_the_work():
    producer = Producer()
    async with publishing(producer) as publisher:
        await publisher.publish(event(b"a"))
        assert not producer.stopped
    assert producer.stopped


async def test_a_kafka_that_is_unavailable_is_reported_and_nothing_stays_open():
    producer = Producer(start_error=KafkaConnectionError())
    with pytest.raises(KafkaUnreachable, match=r"^Kafka cannot be used: the connection is closed"):
        async with publishing(producer):
            pytest.fail("there is no Kafka")
    assert producer.stopped


@pytest.mark.parametrize("many", [False, True])
async def test_a_topic_that_does_not_exist_is_reported_soon_and_nothing_is_published(monkeypatch, many):
    monkeypatch.setattr(publisher_module, "TOPIC_DEADLINE", 0.01)
    producer, absent = Producer(), Event("absent", b"p-1", b"a", ())
    async with publishing(producer) as publisher:
        work = publisher.publish_all([absent]) if many else publisher.publish(absent)
        with pytest.raises(NotPublished, match="herald topics create"):
            await work
    assert producer.sent == []
