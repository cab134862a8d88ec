"""Replies, against a scripted producer: nothing is given up, nothing is changed, one reconnection for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownProducerId,
)

from tests.support.fakes.ports import settle
from worker.kafka import replies as replies_module
from worker.kafka.replies import ReplyPublisher
from worker.pipeline.ports import Event

EVENT = Event("results", b"patient-1", b'{"nrn":"25A01234B567"}', (("ce_id", b"r-1"), ("ce_type", b"t")))
OTHER = Event("dead-letters", b"patient-2", None, ())
BARE = Event("dead-letters", None, None, (("herald-reason", b"null-value"),))
SILENCE = object()
"""An acknowledgement that never comes."""


class FakeProducer:
    """Follows a script: for each send an error raised by `send`, a failed acknowledgement, silence, or success."""

    def __init__(self, kafka: FakeKafka) -> None:
        self.kafka = kafka
        self.started = False
        self.stopped = False
        self._sender = SimpleNamespace(sender_task=None)

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self.kafka.start_errors:
            raise self.kafka.start_errors.pop(0)
        self.started = True

    async def stop(self) -> None:
        self.stopped = True
        await asyncio.sleep(0)
        if self.kafka.stop_error:
            raise self.kafka.stop_error

    async def send(
        self,
        topic: str,
        *,
        value: bytes | None,
        key: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int | None = None,
    ) -> asyncio.Future[None]:
        assert partition is None
        assert self.started
        if self.stopped or self is self.kafka.broken:
            raise self.kafka.breaks
        self.kafka.sends.append((topic, key, value, tuple(headers)))
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        step = self.kafka.script.pop(0) if self.kafka.script else None
        if isinstance(step, Refusing):
            raise step.error
        if isinstance(step, BaseException):
            future.set_exception(step)
        elif step is not SILENCE:
            future.set_result(None)
        return future

    def create_batch(self) -> FakeBatch:
        return FakeBatch()

    async def partitions_for(self, topic: str) -> set[int]:
        return {0, 1}

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[None]:
        assert partition == 0
        return await self.send(topic, value=None, key=None, headers=batch.headers)


class FakeBatch:
    """A batch of one record."""

    headers: list[tuple[str, bytes]]

    def append(self, *, timestamp: None, key: None, value: None, headers: list[tuple[str, bytes]]) -> None:
        self.headers = headers


class Refusing:
    """`send` itself raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class FakeKafka:
    """What all producers of one test share."""

    def __init__(self) -> None:
        self.script: list[object] = []
        self.sends: list[tuple[object, ...]] = []
        self.producers: list[FakeProducer] = []
        self.start_errors: list[Exception] = []
        self.stop_error: Exception | None = None
        self.broken: FakeProducer | None = None
        self.breaks: Exception = ProducerClosed()

    def make(self) -> FakeProducer:
        self.producers.append(FakeProducer(self))
        return self.producers[-1]


@pytest.fixture
def kafka() -> FakeKafka:
    return FakeKafka()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Keep the pauses that were asked for; none lasts."""
    asked: list[float] = []
    sleep = asyncio.sleep

    async def short(seconds: float) -> None:
        if seconds:
            asked.append(seconds)
        await sleep(0)

    monkeypatch.setattr(replies_module.asyncio, "sleep", short)
    return asked


@pytest.fixture
async def publisher(kafka: FakeKafka, pauses: list[float]) -> ReplyPublisher:
    made = ReplyPublisher(kafka.make)  # type: ignore[arg-type]  # a stand-in
    await made.start()
    return made


SENT = (EVENT.topic, EVENT.key, EVENT.value, EVENT.headers)


async def test_an_event_leaves_as_it_is(kafka: FakeKafka, publisher: ReplyPublisher) -> None:
    await publisher.publish(EVENT)
    await publisher.publish(OTHER)

    assert kafka.sends == [SENT, (OTHER.topic, OTHER.key, None, ())]
    assert publisher.failing is None


async def test_publish_returns_only_with_the_acknowledgement(
    kafka: FakeKafka, publisher: ReplyPublisher
) -> None:
    kafka.script = [SILENCE]
    publishing = asyncio.create_task(publisher.publish(EVENT))
    await settle()

    assert kafka.sends == [SENT]
    assert not publishing.done()
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing


@pytest.mark.parametrize("wrap", [lambda error: error, Refusing], ids=["not acknowledged", "not sent"])
@pytest.mark.parametrize(
    "error",
    [
        KafkaTimeoutError(),
        RequestTimedOutError(),
        NotEnoughReplicasError(),
        KafkaConnectionError(),
        MessageSizeTooLargeError(),
        TopicAuthorizationFailedError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_kafka_does_not_take_is_published_again_the_same_byte_for_byte(
    kafka: FakeKafka, publisher: ReplyPublisher, error: Exception, wrap: Callable[[Exception], object]
) -> None:
    kafka.script = [wrap(error)] * 3

    await publisher.publish(EVENT)

    assert kafka.sends == [SENT] * 4
    assert len(kafka.producers) == 1
    assert publisher.failing is None


async def test_the_pauses_grow_to_a_limit(
    kafka: FakeKafka, publisher: ReplyPublisher, pauses: list[float]
) -> None:
    kafka.script = [NotEnoughReplicasError()] * 7

    await publisher.publish(EVENT)

    assert pauses == [0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0]


async def test_an_acknowledgement_that_does_not_come_is_not_waited_for_forever(
    kafka: FakeKafka, pauses: list[float]
) -> None:
    publisher = ReplyPublisher(kafka.make, deadline=0.01)  # type: ignore[arg-type]  # a stand-in
    kafka.script = [SILENCE]

    async with asyncio.timeout(2):
        await publisher.publish(EVENT)

    assert kafka.sends == [SENT, SENT]


async def test_it_says_what_is_failing_while_it_is(kafka: FakeKafka, publisher: ReplyPublisher) -> None:
    kafka.script = [NotEnoughReplicasError(), SILENCE]
    publishing = asyncio.create_task(publisher.publish(EVENT))
    await settle()

    assert publisher.failing == "results: NotEnoughReplicasError"
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing


@pytest.mark.parametrize(
    "error",
    [OutOfOrderSequenceNumber(), ProducerClosed(), ProducerFenced(), UnknownProducerId()],
    ids=lambda error: type(error).__name__,
)
async def test_a_broken_producer_is_replaced_once_however_many_wait(
    kafka: FakeKafka, publisher: ReplyPublisher, error: Exception
) -> None:
    kafka.broken, kafka.breaks = kafka.producers[0], error

    async with asyncio.timeout(2):
        await asyncio.gather(*(publisher.publish(EVENT) for _ in range(50)))

    assert len(kafka.producers) == 2
    assert kafka.producers[0].stopped
    assert not kafka.producers[1].stopped
    assert kafka.sends == [SENT] * 50


async def test_a_broken_producer_that_cannot_even_be_stopped_is_replaced(
    kafka: FakeKafka, publisher: ReplyPublisher
) -> None:
    kafka.broken, kafka.stop_error = kafka.producers[0], KafkaConnectionError()

    await publisher.publish(EVENT)

    assert len(kafka.producers) == 2


@pytest.mark.parametrize("error", [KafkaConnectionError(), TimeoutError()], ids=lambda e: type(e).__name__)
async def test_a_replacement_is_tried_until_kafka_is_there_and_no_producer_is_left_open(
    kafka: FakeKafka, publisher: ReplyPublisher, error: Exception
) -> None:
    kafka.broken = kafka.producers[0]
    kafka.start_errors = [error] * 3

    async with asyncio.timeout(2):
        await asyncio.gather(*(publisher.publish(EVENT) for _ in range(5)))

    assert kafka.sends == [SENT] * 5
    assert [producer.stopped for producer in kafka.producers] == [True] * 4 + [False]


async def test_start_says_that_kafka_is_unavailable_and_leaves_nothing_open(kafka: FakeKafka) -> None:
    kafka.start_errors = [KafkaConnectionError()]
    publisher = ReplyPublisher(kafka.make)  # type: ignore[arg-type]  # a stand-in

    with pytest.raises(KafkaConnectionError):
        await publisher.start()

    assert kafka.producers[0].stopped


async def test_it_stops_once_and_survives_a_kafka_that_is_unavailable(
    kafka: FakeKafka, publisher: ReplyPublisher
) -> None:
    kafka.stop_error = KafkaConnectionError()

    await publisher.stop()
    await publisher.stop()

    assert kafka.producers[0].stopped


async def test_a_logged_failure_holds_nothing_of_the_event(
    kafka: FakeKafka, publisher: ReplyPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    kafka.script = [NotEnoughReplicasError()]

    await publisher.publish(EVENT)

    (line,) = caplog.records
    told = repr(line.__dict__)
    assert "results" in told
    assert "patient-1" not in told
    assert "25A01234B567" not in told


async def test_a_producer_whose_sender_has_died_is_replaced(
    kafka: FakeKafka, publisher: ReplyPublisher
) -> None:
    ended = asyncio.get_running_loop().create_future()
    ended.set_result(None)
    kafka.producers[0]._sender.sender_task = ended
    kafka.script = [KafkaError("Unexpected error during batch delivery")]
    await publisher.publish(EVENT)

    assert len(kafka.producers) == 2
    assert kafka.sends == [SENT, SENT]


async def test_a_dead_letter_without_key_and_value_leaves_as_a_batch_of_its_own(
    kafka: FakeKafka, publisher: ReplyPublisher
) -> None:
    await publisher.publish(BARE)

    assert kafka.sends == [(BARE.topic, None, None, BARE.headers)]


async def test_what_is_too_large_for_its_topic_gives_way_to_what_is_not(
    kafka: FakeKafka, publisher: ReplyPublisher, pauses: list[float]
) -> None:
    kafka.script = [MessageSizeTooLargeError()]
    await publisher.publish(EVENT, BARE)

    assert kafka.sends == [SENT, (BARE.topic, None, None, BARE.headers)]
    assert pauses == []
    assert publisher.failing is None
