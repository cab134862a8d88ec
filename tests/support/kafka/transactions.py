"""Transactional producers: librdkafka's, Java's own, and aiokafka's, which is made after it."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self

from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from tests.support.kafka.distribution import Distribution
from tests.support.kafka.jvm import INHERITED_NOT

PROGRAM = Path(__file__).with_name("Transact.java")
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

    async def send(self, topic: str, *records: Sendable) -> None:
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

    async def send(self, topic: str, *records: Sendable) -> None:
        for one in records:
            self._producer.produce(topic, one.value, one.key, headers=list(one.headers))
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


class Aiokafka:
    """aiokafka's, made after kafka-clients'."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=f"t-{uuid.uuid4().hex}", acks="all"
        )

    async def begin(self) -> None:
        await self._producer.begin_transaction()

    async def send(self, topic: str, *records: Sendable) -> None:
        sent = [
            await self._producer.send(topic, one.value, one.key, headers=list(one.headers)) for one in records
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


class KafkaClients:
    """Java's own, in a process that reads what to do."""

    def __init__(self, bootstrap: str, distribution: Distribution) -> None:
        command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        self._process = subprocess.Popen(
            [*command, "-cp", distribution.classpath, PROGRAM, bootstrap, f"t-{uuid.uuid4().hex}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={name: value for name, value in os.environ.items() if name not in INHERITED_NOT},
        )

    async def begin(self) -> None:
        await self._do("begin")

    async def send(self, topic: str, *records: Sendable) -> None:
        for one in records:
            headers = (word for name, value in one.headers for word in (name, _encoded(value)))
            await self._do("send", topic, _encoded(one.key), _encoded(one.value), *headers)

    async def commit(self) -> None:
        await self._do("commit")

    async def abort(self) -> None:
        await self._do("abort")

    async def __aenter__(self) -> Self:
        await self._said("ready")
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        try:
            self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    async def _do(self, *words: str) -> None:
        assert self._process.stdin
        print(*words, file=self._process.stdin, flush=True)
        await self._said("done")

    async def _said(self, expected: str) -> None:
        assert self._process.stdout
        said = await asyncio.wait_for(asyncio.to_thread(self._process.stdout.readline), SECONDS)
        assert said == f"{expected}\n"


def _encoded(value: bytes | None) -> str:
    return base64.b64encode(value or b"").decode()
