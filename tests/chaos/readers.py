"""Reading the reply and dead letter topics: all there is, or as it comes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

LOOK_SECONDS = 0.5
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Read:
    """One record as it lies in its topic."""

    topic: str
    key: bytes | None
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    at: float

    def header(self, name: str) -> str:
        """A header's text; raises KeyError."""
        return (dict(self.headers)[name] or b"").decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """Accepted, rejected, failed or held: of a reply."""
        return self.header("ce_type").split(".")[-2]

    @classmethod
    def of(cls, message: Message) -> Read:
        """Copy the fields of a record that the audit reads."""
        headers = tuple(message.headers() or ())
        at = message.timestamp()[1] / 1000
        return cls(str(message.topic()), message.key(), message.value(), headers, at)


def digest(read: Read) -> str:
    """Return a digest of everything that a reader sees of a record: two that agree in it are the same event again."""
    return hashlib.sha256(repr((read.topic, read.key, read.value, read.headers)).encode()).hexdigest()


def read_all(bootstrap: str, topics: Sequence[str]) -> list[Read]:
    """Read topics from their beginning to their present end. Raises TimeoutError."""
    reader = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "chaos-audit", "enable.auto.commit": False}
    )
    try:
        missing = {}
        for one in _partitions(reader, topics):
            first, end = reader.get_watermark_offsets(one, timeout=PATIENCE)
            if end > first:
                missing[one.topic, one.partition] = end
        reader.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in missing])
        return _read_until(reader, missing)
    finally:
        reader.close()


def _read_until(reader: Consumer, missing: dict[tuple[str, int], int]) -> list[Read]:
    found: list[Read] = []
    end = time.monotonic() + PATIENCE
    while missing:
        if time.monotonic() > end:
            raise TimeoutError(f"not read to the end within {PATIENCE} s: {sorted(missing)}")
        message = reader.poll(LOOK_SECONDS)
        if message is None or message.error():
            continue
        found.append(Read.of(message))
        place = str(message.topic()), int(message.partition() or 0)
        if (message.offset() or 0) + 1 >= missing.get(place, 0):
            missing.pop(place, None)
    return found


def _reader(bootstrap: str) -> Consumer:
    settings = {"bootstrap.servers": bootstrap, "group.id": "nobody", "enable.auto.commit": False}
    # Brokers are stopped on purpose: that is no news, and what they have is read again soon after their return.
    soon = {"reconnect.backoff.max.ms": 1000, "topic.metadata.refresh.interval.ms": 2000}
    return Consumer({**settings, **soon, "auto.offset.reset": "earliest", "log_level": 0})


def _partitions(reader: Consumer, topics: Sequence[str]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in topics for number in _numbers(reader, topic)]


def _numbers(reader: Consumer, topic: str) -> list[int]:
    """Return a topic's partitions; a broker may not know those of a topic yet that was made a moment ago."""
    end = time.monotonic() + PATIENCE
    while not (numbers := list(reader.list_topics(topic, timeout=PATIENCE).topics[topic].partitions)):
        if time.monotonic() > end:
            raise TimeoutError(f"no partitions of {topic} within {PATIENCE} s")
        time.sleep(LOOK_SECONDS)
    return numbers


class Watch:
    """Replies as they come: who is answered, and how. For progress and the producer; the audit reads by itself."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self.kinds: dict[str, str] = {}
        self.news = 0.0
        """When the last answer of someone new came (`time.monotonic`)."""
        self._nrns: dict[str, str | None] = {}
        self._changed = asyncio.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(bootstrap, topics), daemon=True)
        self._loop = asyncio.get_running_loop()

    async def nrn(self, submission: str) -> str | None:
        """Wait until a registration is answered, and return its NRN; None where it was not accepted."""
        await self.until(lambda: submission in self.kinds)
        return self._nrns.get(submission)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what came fulfils a condition."""
        while not condition():
            await self._change()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    async def stop(self) -> None:
        """Read no more."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join)

    async def _change(self) -> None:
        changed = self._changed
        await changed.wait()

    def _run(self, bootstrap: str, topics: Sequence[str]) -> None:
        reader = _reader(bootstrap)
        places = _partitions(reader, topics)
        reader.assign([TopicPartition(one.topic, one.partition, OFFSET_BEGINNING) for one in places])
        while not self._stop.is_set():
            try:
                message = reader.poll(LOOK_SECONDS)
            except KafkaException:
                continue
            if message is not None and not message.error():
                self._loop.call_soon_threadsafe(self._note, Read.of(message))
        reader.close()

    def _note(self, read: Read) -> None:
        submission = read.header("ce_submissionid")
        if read.kind == "accepted":
            self._nrns[submission] = json.loads(read.value or b"{}")["data"].get("nrn")
        if submission not in self.kinds:
            self.news = time.monotonic()
        self.kinds[submission] = read.kind
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
