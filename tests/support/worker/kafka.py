"""Kafka as a hospital uses it: publish events, read replies and dead letters to the end."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record.util import calc_crc32c
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka import TopicPartition as GroupOffset
from confluent_kafka.admin import AdminClient, NewTopic

from tests.support.worker.hospital import Event

LARGEST = 4 * 1024 * 1024
"""Bytes of a record that the tests' topics take."""
PATIENCE = 45.0
LEADS_SOON = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
NO_UTF8 = "NO-UTF-8"
"""The name of a header that becomes one which is not UTF-8."""
CHECKSUM_AT, CHECKED_FROM = 17, 21
"""The offset of a record batch's checksum, and the first byte that it covers (message format 2)."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The four topics of a system under a prefix."""

    prefix: str
    system: str = "nhis"

    @property
    def submissions(self) -> str:
        return f"{self.prefix}{self.system}.submissions"

    @property
    def results(self) -> str:
        return f"{self.prefix}{self.system}.results"

    @property
    def errors(self) -> str:
        return f"{self.prefix}{self.system}.errors"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}{self.system}.dead-letters"

    def create(self, bootstrap: str, partitions: int, *names: str) -> None:
        """Make them (or only those named), with room for records that are larger than Herald takes."""
        config = {"max.message.bytes": str(LARGEST)}
        names = names or (self.submissions, self.results, self.errors, self.dead_letters)
        wanted = [NewTopic(name, num_partitions=partitions, config=config) for name in names]
        admin = AdminClient({"bootstrap.servers": bootstrap})
        for created in admin.create_topics(wanted).values():
            created.result(60)

    def delete(self, bootstrap: str, *names: str) -> None:
        """Delete these topics. It returns when the broker no longer shows them: its answer comes before that."""
        admin = AdminClient({"bootstrap.servers": bootstrap})
        for deleted in admin.delete_topics(list(names)).values():
            deleted.result(60)
        end = time.monotonic() + 60
        while shown := set(names) & admin.list_topics(timeout=30).topics.keys():
            assert time.monotonic() < end, f"still shown: {sorted(shown)}"
            time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Published:
    """One record that the worker published."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Mapping[str, str]
    value: bytes | None = field(repr=False)
    raw_headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)

    @property
    def kind(self) -> str:
        """accepted, rejected, failed or held."""
        return self.headers["ce_type"].split(".")[-2]

    @property
    def submission(self) -> str:
        return self.headers["ce_submissionid"]

    @property
    def json(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.value or b"null")
        return loaded

    @property
    def said(self) -> tuple[object, ...]:
        """Everything a reader sees: two records that agree in it are the same event again."""
        return self.topic, self.key, self.value, self.raw_headers


class Answers:
    """All that was published on the reply and dead letter topics, read from their beginning."""

    def __init__(self, topics: Topics, consumer: AIOKafkaConsumer) -> None:
        self._topics = topics
        self._consumer = consumer
        self._news = asyncio.Condition()
        self.replies: list[Published] = []
        self.dead_letters: list[Published] = []

    def of(self, submission: str) -> list[Published]:
        """All replies to a submission, repeats too."""
        return [reply for reply in self.replies if reply.submission == submission]

    def only(self, submission: str) -> Published:
        """The one answer of a submission: repeated as often as may be, but never another."""
        replies = self.of(submission)
        distinct = {reply.said for reply in replies}
        assert len(distinct) == 1, f"{submission} has {len(distinct)} distinct replies"
        return replies[0]

    def kinds(self) -> dict[str, str]:
        """Every answered submission with the kind of its one answer."""
        return {name: self.only(name).kind for name in {reply.submission for reply in self.replies}}

    def dead(self, reason: str) -> list[Published]:
        """The dead letters of one reason."""
        return [letter for letter in self.dead_letters if letter.headers["herald-reason"] == reason]

    async def until(self, condition: Callable[[Answers], object], seconds: float = PATIENCE) -> None:
        """Wait until what was read fulfils a condition. Raises AssertionError with what is there instead."""
        try:
            async with self._news:
                await asyncio.wait_for(self._news.wait_for(lambda: bool(condition(self))), seconds)
        except TimeoutError:
            told = defaultdict(list)
            for reply in self.replies:
                told[reply.kind].append(reply.submission)
            dead = [letter.headers["herald-reason"] for letter in self.dead_letters]
            raise AssertionError(
                f"not within {seconds} s; replies {dict(told)}, dead letters {dead}"
            ) from None

    async def answered(self, ids: Iterable[str], seconds: float = PATIENCE) -> None:
        """Wait until each of these has an answer."""
        wanted = set(ids)
        try:
            await self.until(lambda it: wanted <= {reply.submission for reply in it.replies}, seconds)
        except AssertionError as error:
            missing = sorted(wanted - {reply.submission for reply in self.replies})
            raise AssertionError(f"{len(missing)} without an answer: {missing[:10]}; {error}") from None

    async def settle(self, seconds: float = 0.5) -> None:
        """Wait until nothing new has come for a while: for what must not come."""
        while True:
            seen = len(self.replies) + len(self.dead_letters)
            await asyncio.sleep(seconds)
            if seen == len(self.replies) + len(self.dead_letters):
                return

    async def read(self) -> None:
        """Read for ever."""
        while True:
            batches = await self._consumer.getmany(timeout_ms=200)
            async with self._news:
                for record in (record for batch in batches.values() for record in batch):
                    self._keep(record)
                self._news.notify_all()

    def _keep(self, record: ConsumerRecord[bytes, bytes]) -> None:
        headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
        published = Published(
            record.topic, record.partition, record.offset, record.key, headers, record.value, tuple(record.headers)
        )  # fmt: skip
        kept = self.dead_letters if record.topic == self._topics.dead_letters else self.replies
        kept.append(published)


@asynccontextmanager
async def reading(bootstrap: str, topics: Topics) -> AsyncIterator[Answers]:
    """Read replies and dead letters while the block runs."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        wanted = (topics.results, topics.errors, topics.dead_letters)
        consumer.assign(await asyncio.to_thread(_partitions, bootstrap, wanted))
        answers = Answers(topics, consumer)
        task = asyncio.create_task(answers.read())
        try:
            yield answers
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        await consumer.stop()


def _partitions(bootstrap: str, topics: Iterable[str]) -> list[TopicPartition]:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    known = {topic: admin.list_topics(topic, timeout=30).topics[topic].partitions for topic in topics}
    return [TopicPartition(topic, number) for topic, numbers in known.items() for number in numbers]


async def publish(bootstrap: str, topic: str, events: Iterable[Event]) -> None:
    """Publish in order and wait for every acknowledgement."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_request_size=LARGEST
    )
    async with producer:
        sent = [
            await producer.send(topic, one.value, key=one.key, headers=list(one.headers)) for one in events
        ]
        await asyncio.gather(*sent)


async def publish_unreadable(bootstrap: str, topic: str, partition: int, *records: Event) -> int:
    """Publish one batch that Kafka takes and aiokafka cannot read: the name of a header is not UTF-8.

    Returns the offset of its first record.

    By default of one record; else the record that has a header of the name `NO-UTF-8` is the bad one.
    """
    bad = Event("bad", b"key", b"{}", ((NO_UTF8, b""),))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=LARGEST) as producer:
        batch = producer.create_batch()
        for one in records or (bad,):
            batch.append(timestamp=None, key=one.key, value=one.value, headers=list(one.headers))
        built = bytearray(batch._build())
        built[built.index(NO_UTF8.encode())] = 0xFF
        struct.pack_into(">I", built, CHECKSUM_AT, calc_crc32c(bytes(built[CHECKED_FROM:])))
        batch._buffer = bytes(built)
        metadata = await (await producer.send_batch(batch, topic, partition=partition))
    return int(metadata.offset)


def partition_of(key: bytes | None, partitions: int) -> int:
    """Return where Kafka's clients put this key."""
    numbers = list(range(partitions))
    return int(DefaultPartitioner()(key, numbers, numbers))


def committed(bootstrap: str, group: str) -> dict[int, int]:
    """Return the group's committed offset by partition (of the one topic that it reads)."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    found = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(30)
    return {one.partition: one.offset for one in found.topic_partitions}


def rewind(bootstrap: str, group: str, topic: str) -> None:
    """Set an empty group's committed offsets back to the beginning."""
    offsets = [GroupOffset(topic, partition, 0) for partition in committed(bootstrap, group)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [ConsumerGroupTopicPartitions(group, offsets)]
    admin.alter_consumer_group_offsets(wanted)[group].result(30)


def _end(reader: Consumer, partition: GroupOffset) -> int:
    """Return the end of a partition, also of a new one that a busy broker does not lead yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return int(reader.get_watermark_offsets(partition, timeout=30)[1])
        except KafkaException as error:
            if error.args[0].code() not in LEADS_SOON or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def ends(bootstrap: str, topic: str) -> dict[int, int]:
    """Return the end of every partition that holds anything, open transactions included."""
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "nobody",
            "isolation.level": "read_uncommitted",
            "log_level": 0,
        }
    )
    try:
        partitions = reader.list_topics(topic, timeout=30).topics[topic].partitions
        marks = {p: _end(reader, GroupOffset(topic, p)) for p in partitions}
    finally:
        reader.close()
    return {partition: end for partition, end in marks.items() if end}
