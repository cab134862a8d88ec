"""Reading reply topics as a hospital does: without a group, from the beginning or from now on."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer

from contracts.immutable import immutable
from worker.kafka.clients import connection_arguments
from worker.kafka.errors import connecting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from aiokafka import ConsumerRecord

    from worker.kafka.settings import KafkaSettings

_ASSIGNED_SECONDS = 30.0
_POLL_MS = 500


class NoTopics(Exception):
    """Kafka has none of the topics."""


@immutable
class Reply:
    """A reply as it was published; ``data`` is empty where the record's value is no JSON object."""

    topic: str
    place: tuple[str, int, int]
    """Topic, partition and offset."""
    timestamp_ms: int
    headers: dict[str, str]
    data: dict[str, Any] = field(repr=False)

    @property
    def submission(self) -> tuple[str | None, str | None]:
        """The source and id of what it answers."""
        return self.headers.get("ce_submissionsource"), self.headers.get("ce_submissionid")

    @property
    def kind(self) -> str:
        """How the submission ended: accepted, rejected, failed or held; or that it was taken; empty for no reply."""
        return "".join(self.headers.get("ce_type", "").split(".")[-2:-1])


class ReplyReader:
    """Reads replies from where one of its methods has placed it; at first, from now on."""

    def __init__(self, consumer: AIOKafkaConsumer, topics: tuple[str, ...]) -> None:
        self.topics = topics
        """Those that exist."""
        self._consumer = consumer
        self._first: Reply | None = None

    async def from_now(self) -> None:
        """Skip what has been published."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        for partition, offset in ends.items():
            self._consumer.seek(partition, offset)

    async def from_beginning(self) -> None:
        """Read all that the topics have."""
        await self._consumer.seek_to_beginning()

    async def from_submission(self, submission_id: str) -> bool:
        """Read the first reply to a submission, then all later ones; from now on where there is none yet."""
        await self.from_beginning()
        found = [one async for one in self._present() if one.submission[1] == submission_id]
        if not found:
            await self.from_now()
            return False
        self._first = min(found, key=lambda one: one.timestamp_ms)
        await self.from_beginning()
        return True

    async def replies(self) -> AsyncIterator[Reply]:
        """Yield replies without end."""
        first = self._first
        if first is not None:
            yield first
        async for record in self._consumer:
            reply = _reply(record)
            # Topics and partitions have no common order: the timestamp decides which is later.
            if first is None or (reply.timestamp_ms >= first.timestamp_ms and reply.place != first.place):
                yield reply

    async def _present(self) -> AsyncIterator[Reply]:
        """Yield what the topics have now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        while True:
            batches = await self._consumer.getmany(timeout_ms=_POLL_MS)
            for records in batches.values():
                for record in records:
                    yield _reply(record)
            if not batches and all([await self._consumer.position(one) >= end for one, end in ends.items()]):
                return


@asynccontextmanager
async def reading_replies(kafka: KafkaSettings, topics: Collection[str]) -> AsyncIterator[ReplyReader]:
    """Read those of the topics that exist. Raises NoTopics, KafkaError."""
    consumer = AIOKafkaConsumer(
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        **connection_arguments(kafka),
    )
    try:
        with connecting():
            await consumer.start()
        # Asking for a topic that does not exist would create it where Kafka creates topics automatically.
        there = tuple(sorted(set(topics) & await consumer.topics()))
        if not there:
            raise NoTopics(f"None of these topics exists: {', '.join(topics)}")
        consumer.subscribe(there)
        async with asyncio.timeout(_ASSIGNED_SECONDS):
            while {one.topic for one in consumer.assignment()} != set(there):  # noqa: ASYNC110 - no event says it
                await asyncio.sleep(0.02)
        yield ReplyReader(consumer, there)
    finally:
        await consumer.stop()


def _reply(record: ConsumerRecord[bytes, bytes]) -> Reply:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    try:
        data = json.loads(record.value or b"{}")
    except ValueError:
        data = {}
    place = (record.topic, record.partition, record.offset)
    return Reply(record.topic, place, record.timestamp, headers, data if isinstance(data, dict) else {})
