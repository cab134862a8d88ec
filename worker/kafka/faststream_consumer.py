"""The internals of FastStream and aiokafka on which consuming relies: raw batches, and polls through our `getmany`.

A unit test fails where the installed versions no longer have what this module relies on.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from faststream import AckPolicy
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from contracts.immutable import immutable
from worker.event_loop import running_loop
from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
    from faststream.kafka import KafkaBroker

    from worker.kafka.intake_settings import IntakeSettings
    from worker.kafka.poll import Batch

POLL_MS = 100
"""How long one poll waits for records."""
PAUSE_MS = 1
"""The timeout that FastStream is given. It also sleeps that long after an empty poll, and a record waits meanwhile."""
MOST_ADDRESSING_BYTES = 64 * 1024
"""Of key and headers together. A reply or a dead letter repeats them, and no topic would take it, at any attempt."""
HEADER_FRAME = 2

RawRecords: TypeAlias = "tuple[ConsumerRecord[bytes, bytes] | Record, ...]"


class GetMany(Protocol):
    """What FastStream calls for the next batch."""

    async def __call__(self, *, timeout_ms: int, max_records: int) -> Batch:
        """Return records by partition."""


@immutable
class Place:
    """A consumer's position in a partition."""

    position: int
    """What is read next."""
    stable: int | None
    """The last stable offset: what follows belongs to an open transaction, or stands behind one. None: not known."""
    end: int | None
    """The high watermark. None: not known."""


def subscribe(
    broker: KafkaBroker,
    topics: Sequence[str],
    group: str,
    settings: IntakeSettings,
    listener: ConsumerRebalanceListener,
) -> Any:
    """Return a subscriber of raw batches whose offsets are committed by hand; call it with the handler."""
    return broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        max_records=settings.batch_records,
        batch_timeout_ms=PAUSE_MS,
        # `OffsetResets` does it: Kafka's client would skip what was deleted without a word.
        auto_offset_reset="none",
        # What a producer rolled back was never submitted, and what it has not committed may yet be rolled back.
        isolation_level="read_committed",
        ack_policy=AckPolicy.MANUAL,
        session_timeout_ms=int(settings.session_timeout * 1000),
        heartbeat_interval_ms=int(settings.session_timeout * 1000 / 3),
        # A rebalance waits until exchanges in flight have ended, or the drain time is over.
        rebalance_timeout_ms=int((settings.drain_seconds + 10) * 1000),
        listener=listener,
        parser=_keep_raw,
        decoder=_raw_records,
    )


def consumer_of(subscriber: Any) -> AIOKafkaConsumer | None:
    """Return the consumer that a subscriber made at its start; None before."""
    return subscriber.consumer if subscriber is not None else None


def place_of(consumer: AIOKafkaConsumer, partition: TopicPartition) -> Place | None:
    """Return its position in a partition, or None if it is unknown. `position` would wait for it."""
    subscription = consumer._subscription.subscription  # noqa: SLF001
    assignment = subscription.assignment if subscription is not None else None
    state = assignment.state_value(partition) if assignment is not None else None
    if state is None or not state.has_valid_position:
        return None
    return Place(state.position, state.lso, state.highwater)


def poll_through(consumer: AIOKafkaConsumer, getmany: GetMany) -> None:
    """Let FastStream poll through `getmany`: FastStream itself reveals neither an idle nor a dead poll loop.

    A poll that ends early without a record is followed by a sleep until its time is over.
    """

    async def patient(*, timeout_ms: int, max_records: int) -> Batch:  # noqa: ARG001 - ours is longer
        clock = running_loop().time
        end = clock() + POLL_MS / 1000
        batch = await getmany(timeout_ms=POLL_MS, max_records=max_records)
        if not batch:
            await asyncio.sleep(end - clock())
        return batch

    consumer.getmany = patient


def rejoin(consumer: AIOKafkaConsumer) -> None:
    """Let the consumer join its group again.

    A heartbeat that Kafka refused is aiokafka's last one: it reports its error again at every poll, also when the right
    is back, until Kafka has expelled the member. Joining again ends that.
    """
    consumer._coordinator.request_rejoin()  # noqa: SLF001


_TASKS = (
    ("_coordinator", "_coordination_task", "the task that keeps the consumer in its group has ended"),
    # aiokafka may note an error of a partition twice, and its own assertion then ends the task: polls return nothing.
    ("_fetcher", "_fetch_task", "the task that fetches records has ended"),
)


def ended_task(consumer: AIOKafkaConsumer | None) -> str | None:
    """Say which of the consumer's own tasks has ended by an error, or None. It never begins again."""
    for part, name, told in _TASKS:
        task = getattr(getattr(consumer, part, None), name, None)
        if task is not None and task.done():
            return told
    return None


def record_of(raw: ConsumerRecord[bytes, bytes] | Record, topic_id: str | None) -> Record:
    """Return a record as the pipeline takes it."""
    if isinstance(raw, Record):
        return replace(raw, topic_id=topic_id)
    if _addressing_bytes(raw) > MOST_ADDRESSING_BYTES:
        return Record(
            raw.topic,
            raw.partition,
            raw.offset,
            raw.timestamp,
            None,
            None,
            (),
            "AddressingTooLarge",
            topic_id,
        )
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp_ms=raw.timestamp,
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
        topic_id=topic_id,
    )


def _addressing_bytes(raw: ConsumerRecord[bytes, bytes]) -> int:
    headers = sum(len(name) + len(value or b"") + HEADER_FRAME for name, value in raw.headers)
    return len(raw.key or b"") + headers


async def _keep_raw(message: RawRecords) -> KafkaMessage:
    """Parse nothing: FastStream's own parser raises on a header that is not UTF-8, and the record would be lost."""
    return KafkaMessage(body=b"", raw_message=message, headers={}, consumer=FAKE_CONSUMER)


async def _raw_records(message: KafkaMessage) -> RawRecords:
    return cast("RawRecords", message.raw_message)
