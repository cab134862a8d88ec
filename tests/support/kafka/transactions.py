"""Transactional producers of both kinds: librdkafka's, and one that speaks as Java's does (aiokafka's)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from typing import Protocol, Self

from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

SECONDS = 30.0


class Sendable(Protocol):
    """What is published."""

    @property
    def key(self) -> bytes | None:
        """The Kafka key."""

    @property
    def value(self) -> bytes | None:
        """The value."""

    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]:
        """The headers."""


class Transactional(Protocol):
    """A producer with one transaction at a time."""

    async def begin(self) -> None:
        """Begin a transaction."""

    async def send(self, topic: str, *records: Sendable, partition: int | None = None) -> None:
        """Publish in it, and wait until Kafka has the records."""

    async def commit(self) -> None:
        """Commit it."""

    async def abort(self) -> None:
        """Roll it back."""

    async def __aenter__(self) -> Self:
        """Connect."""

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""


class Librdkafka:
    """librdkafka's, as C, C#, Go and Python clients have it."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "transactional.id": f"t-{uuid.uuid4().hex}",
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )

    async def begin(self) -> None:
        self._producer.begin_transaction()

    async def send(self, topic: str, *records: Sendable, partition: int | None = None) -> None:
        chosen = {} if partition is None else {"partition": partition}
        for one in records:
            self._producer.produce(topic, one.value, one.key, headers=list(one.headers), **chosen)
        await asyncio.to_thread(self._producer.flush, SECONDS)

    async def commit(self) -> None:
        await asyncio.to_thread(self._producer.commit_transaction, SECONDS)

    async def abort(self) -> None:
        await asyncio.to_thread(self._producer.abort_transaction, SECONDS)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._producer.init_transactions, SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._producer.flush, SECONDS)


class JavaStyle:
    """aiokafka's, made after kafka-clients'."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=f"t-{uuid.uuid4().hex}", acks="all"
        )

    async def begin(self) -> None:
        await self._producer.begin_transaction()

    async def send(self, topic: str, *records: Sendable, partition: int | None = None) -> None:
        sent = [
            await self._producer.send(
                topic, one.value, one.key, headers=list(one.headers), partition=partition
            )
            for one in records
        ]
        await asyncio.gather(*sent)

    async def commit(self) -> None:
        await self._producer.commit_transaction()

    async def abort(self) -> None:
        await self._producer.abort_transaction()

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()
