"""What is relied on of aiokafka's inside: these fail when a new version of the library moves it."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from aiokafka.producer.sender import Sender

from worker.kafka import aiokafka_sender


@pytest.fixture
async def producer():
    """A producer that was never connected."""
    made = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", enable_idempotence=True)
    yield made
    await made.client.close()
    made._closed = True


async def test_a_producer_has_a_sender_whose_task_is_none_before_the_start(producer):
    assert isinstance(producer._sender, Sender)
    assert isinstance(inspect.getattr_static(Sender, "sender_task"), property)
    assert producer._sender.sender_task is None
    assert not aiokafka_sender.has_ended(producer)


async def test_the_task_shown_is_the_one_that_sends(producer):
    task = asyncio.create_task(asyncio.sleep(0))
    producer._sender._sender_task = task
    assert producer._sender.sender_task is task
    assert not aiokafka_sender.has_ended(producer)
    await task
    assert aiokafka_sender.has_ended(producer)


async def test_a_stop_waits_for_the_sending_task_and_gives_up_when_it_is_cancelled(producer, monkeypatch):
    """The library's own `stop` hangs while a sent request is unanswered; ours ends it by its task."""
    monkeypatch.setattr(aiokafka_sender, "STOP_DEADLINE", 0.01)
    task = producer._sender._sender_task = asyncio.create_task(asyncio.sleep(60))
    hanging = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(producer._message_accumulator, "close", lambda: asyncio.wait([hanging]))
    async with asyncio.timeout(2):
        await aiokafka_sender.stop(producer)
        with pytest.raises(asyncio.CancelledError):
            await task
    hanging.cancel()


async def test_a_kafka_that_is_unavailable_does_not_keep_a_stop_from_ending():
    async def stop():
        raise KafkaConnectionError

    await aiokafka_sender.stop(SimpleNamespace(stop=stop))


async def test_the_methods_that_are_called_have_the_shape_that_is_called(producer):
    assert inspect.iscoroutinefunction(producer.client.close)
    assert list(inspect.signature(AIOKafkaProducer.send).parameters) == [
        "self", "topic", "value", "key", "partition", "timestamp_ms", "headers",
    ]  # fmt: skip
    assert list(inspect.signature(AIOKafkaProducer.send_batch).parameters) == [
        "self", "batch", "topic", "partition",
    ]  # fmt: skip
