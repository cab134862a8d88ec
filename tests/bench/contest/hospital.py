"""The hospital's side of the benchmark: events into Kafka, replies out of it, and the time between.

By librdkafka, whose C costs this machine little: what is measured shares it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Self

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.support.worker.hospital import Event
from tests.support.worker.kafka import Topics

OUTSTANDING = 1000
"""Submissions without an answer at most: enough for any worker, and within the window of Herald."""
PATIENCE = 120.0


class Unanswered(Exception):
    """A worker stopped answering."""


class Hospital:
    """Publishes events of one contestant's topic and reads its replies, in a thread of its own."""

    def __init__(self, bootstrap: str, topics: Topics, partitions: int) -> None:
        self._topic = topics.submissions
        quiet = {"bootstrap.servers": bootstrap, "log_level": 0}
        self._producer = Producer({**quiet, "linger.ms": 1, "partitioner": "murmur2_random", "acks": "all"})
        self._consumer = Consumer({**quiet, "group.id": "hospital", "enable.auto.commit": False})
        read = (topics.results, topics.errors, topics.dead_letters)
        self._consumer.assign([TopicPartition(name, n, 0) for name in read for n in range(partitions)])
        self._accepted = topics.results
        self._arrived: dict[str, float] = {}
        self._not_accepted: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def submit(self, events: Sequence[Event]) -> float:
        """Publish as fast as the worker answers; return the seconds until the last reply."""
        began = time.monotonic()
        for sent, event in enumerate(events):
            self._publish(event)
            self._wait(sent + 1 - OUTSTANDING)
        self._producer.flush()
        self._wait(len(events))
        last = max(self._take(event)[1] for event in events)
        return last - began

    def pace(self, events: Sequence[Event], per_second: float) -> list[float]:
        """Publish at this rate; return the seconds from each event to its reply."""
        began, sent = time.monotonic(), {}
        for number, event in enumerate(events):
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            sent[event.id] = time.monotonic()
            self._publish(event)
        self._producer.flush()
        self._wait(len(events))
        return [arrived - sent[name] for name, arrived in map(self._take, events)]

    def _publish(self, event: Event) -> None:
        self._producer.produce(self._topic, event.value, event.key, headers=list(event.headers))
        self._producer.poll(0)

    def _wait(self, answers: int) -> None:
        """Wait until there are so many answers. Raises Unanswered, also where one was not accepted."""
        end = time.monotonic() + PATIENCE
        while len(self._arrived) < answers:
            if self._not_accepted:
                raise Unanswered(f"not accepted: {self._not_accepted[:3]}")
            if time.monotonic() > end:
                raise Unanswered(f"{len(self._arrived)} of {answers} answered in {PATIENCE:.0f} s")
            time.sleep(0.002)

    def _take(self, event: Event) -> tuple[str, float]:
        return event.id, self._arrived[event.id]

    def forget(self) -> None:
        """Begin a new round."""
        self._arrived.clear()

    def _read(self) -> None:
        while not self._stop.is_set():
            record = self._consumer.poll(
                0.1
            )  # `consume` waits until its time is up, or it has as many as it may
            if record is not None:
                now, headers = time.monotonic(), dict(record.headers() or ())
                name = (headers.get("ce_submissionid") or b"?").decode()
                self._arrived.setdefault(name, now)
                if record.topic() != self._accepted:
                    self._not_accepted.append(f"{name}: {record.topic()} {(record.value() or b'')[:300]!r}")
