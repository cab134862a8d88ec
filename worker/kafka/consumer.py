"""Kafka in: a FastStream subscriber with manual commits that feeds the window and never blocks the poll loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from worker.kafka import bounded_codecs, faststream_consumer
from worker.kafka.backlog import Backlog
from worker.kafka.committed import commit_positions, committed_positions, refresh_by_topic
from worker.kafka.lenient_fetch import fetch_leniently
from worker.kafka.open_transactions import OpenTransactions
from worker.kafka.partition_ends import partition_ends
from worker.kafka.pausing import Pausing
from worker.kafka.poll import CarefulPoll
from worker.kafka.progress import PollProgress
from worker.kafka.recreation import Recreation
from worker.kafka.refusals import REFUSED, Refusals, explained
from worker.kafka.rights import Operation
from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection, Iterable, Sequence

    from aiokafka import AIOKafkaConsumer
    from faststream.kafka import KafkaBroker

    from worker.kafka.backlog import Offsets, PartitionBacklog
    from worker.kafka.faststream_consumer import RawRecords
    from worker.kafka.intake_settings import IntakeSettings
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.poll import Batch
    from worker.kafka.window import Fill, Window
    from worker.pipeline.flood.causes import Party

log = logging.getLogger(__name__)

LEAVE_DEADLINE = 5.0
"""Seconds for the last commit, and for leaving the group. While Kafka is unavailable, its client retries without end.
Records that are not committed by then come again to the partition's next owner, which answers them from the journal."""


READ_AGAIN_INTERVAL = 0.25
"""Seconds between checks whether records that are set aside can be read again."""


REFUSED_PAUSE = 0.5
"""Seconds before the next poll where Kafka refused one for a missing right."""


class MakeWindow(Protocol):
    """Makes the window that the records go into."""

    def __call__(self, *, on_progress: Callable[[], None]) -> Window:
        """Make the window; it calls ``on_progress`` when a record is finished."""


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Consumes the topics of one system.

    `start` raises KafkaError while Kafka is unavailable; the caller waits and tries again.
    """

    def __init__(
        self,
        make_broker: Callable[[], KafkaBroker],
        topics: Sequence[str],
        make_window: MakeWindow,
        settings: IntakeSettings,
        resets: OffsetResets,
    ) -> None:
        self._make_broker = make_broker
        self._topics = topics
        self._window = make_window(on_progress=self._resume_if_room)
        self._settings = settings
        self._resets = resets
        self._broker: KafkaBroker | None = None
        self._subscriber: Any = None
        self._committer: asyncio.Task[None] | None = None
        self._assigned: set[TopicPartition] = set()
        self._joined = False
        self._read_again_at = float("-inf")
        self._stopping = False
        self._generation = 0
        self._batch_generation: int | None = None  # the generation at the end of the last poll
        self._progress = PollProgress(time.monotonic)
        self._poll: CarefulPoll | None = None
        self._read_to: dict[TopicPartition, int] = {}
        self._open_transactions = {topic: OpenTransactions(topic, time.time) for topic in topics}
        self._recreation = Recreation(topics, resets, self._window, time.monotonic)
        self._topic_ids = self._recreation.topic_ids
        # Nothing was read of a paused partition that would have shown that its topic was recreated.
        self._pausing = Pausing(self._window, self._topic_ids.doubt)
        self._backlog = Backlog(time.monotonic)
        self._refusals = Refusals(time.monotonic)
        self._commit_failing = False

    async def start(self) -> None:
        """Join the group and begin to take records."""
        bounded_codecs.install()
        broker = self._make_broker()
        subscriber = faststream_consumer.subscribe(
            broker, self._topics, self._resets.group, self._settings, self
        )
        subscriber(self._on_batch)
        self._stopping = False
        self._broker, self._subscriber = broker, subscriber
        try:
            await broker.start()
        except BaseException:
            await self._drop_broker()
            raise
        self._progress.begin()
        self._watch_polls(faststream_consumer.consumer_of(subscriber))
        self._committer = asyncio.create_task(self._commit_forever())

    async def stop(self) -> None:
        """Finish what is in flight within the drain time, release the rest, commit, leave the group."""
        if self._broker is None:
            return
        self._pausing.pause(self._consumer, self._assigned)
        # Submissions that finish during the drain make room in the window, but no new records may be taken.
        self._stopping = True
        if self._committer:
            self._committer.cancel()
        partitions = [(tp.topic, tp.partition) for tp in self._assigned]
        await self._window.stop(self._settings.drain_seconds)
        await self._commit_in_time()
        self._window.forget(partitions)
        self._assigned = set()
        await self._drop_broker()

    def keep_back(self, reason: str, *, wanted: bool) -> None:
        """Pause intake for this reason, as a full window does; or, where not ``wanted``, no longer. Polls go on."""
        self._pausing.keep_back(reason, wanted=wanted)
        if wanted:
            self._pausing.pause(self._consumer, self._assigned)
        else:
            self._resume_if_room()

    @property
    def assigned(self) -> bool:
        """Whether the group gave this worker any partition."""
        return bool(self._assigned)

    @property
    def joined(self) -> bool:
        """Whether the group has assigned partitions to this worker: none if there are more workers than partitions."""
        return self._joined

    @property
    def unreadable(self) -> str | None:
        """Say which right Kafka refuses, and which partitions cannot be read at present, or None."""
        told = (self._refusals.told, self._poll.unreadable if self._poll else None)
        return "; ".join(dict.fromkeys(one for one in told if one)) or None

    @property
    def open_transactions(self) -> str | None:
        """Say which partitions an open transaction of a producer holds back, and since when, or None."""
        return "; ".join(told for one in self._open_transactions.values() if (told := one.told)) or None

    @property
    def set_aside(self) -> Counter[Party]:
        """How many records are set aside, by their cause."""
        return self._window.set_aside

    @property
    def crowded(self) -> str | None:
        """Say which partitions are not read any further, as too much of them was set aside, or None."""
        return self._pausing.crowded

    @property
    def paused(self) -> frozenset[str]:
        """Why no further records are read at present."""
        return self._pausing.reasons

    @property
    def fill(self) -> Fill:
        """How full the window is."""
        return self._window.fill

    @property
    def backlog(self) -> list[PartitionBacklog]:
        """How far this worker is behind in each of its partitions."""
        return self._backlog.of(self._offsets())

    async def read_ends(self, seconds: float) -> None:
        """Ask Kafka for the ends of the assigned partitions, paused ones too. Raises KafkaError, TimeoutError."""
        if self._consumer is not None and self._assigned:
            self._backlog.read_ends(await partition_ends(self._consumer, self._assigned, seconds))

    def _offsets(self) -> list[Offsets]:
        return [(one, *self._window.offsets_of((one.topic, one.partition))) for one in self._assigned]

    def dead(self) -> str | None:
        """Say what is wrong with the consumer's own progress, or None. An unavailable Kafka is nothing wrong."""
        if self._broker is None:
            return None
        if silent := self._progress.dead():
            return silent
        if not self._stopping and faststream_consumer.has_left_group(self._consumer):
            return "the task that keeps the consumer in its group has ended"
        if self._committer is not None and self._committer.done():
            return "the commit task has ended"
        if abandoned := self._window.abandoned:
            return f"nothing works on {abandoned} ordering keys that have records"
        return None

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Drain the revoked partitions and commit what finished; aiokafka waits for this before it rejoins.

        Exchanges that are still in flight then run on: in the journal their submissions are this worker's, and the
        partition's next owner waits for their answers.
        """
        self._generation += 1
        self._progress.rejoining()
        partitions = [(tp.topic, tp.partition) for tp in revoked]
        if partitions:
            await self._window.drain(partitions, self._settings.drain_seconds)
            await self._commit_in_time()
            self._window.forget(partitions)
        self._assigned -= set(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start from the committed offsets of these partitions."""
        self._window.forget((tp.topic, tp.partition) for tp in assigned)
        self._assigned, self._joined = set(assigned), True
        self._recreation.assigned(self._assigned)
        self._backlog.reset()
        self._progress.rejoined()
        self._pausing.reset()
        for transactions in self._open_transactions.values():
            transactions.reset()
        if self._poll:
            self._poll.reset()
        log.info("partitions assigned", extra={"partitions": sorted(tp.partition for tp in self._assigned)})
        self._pause_if_needed()

    async def _on_batch(self, records: RawRecords) -> None:
        # A batch polled before a rebalance is dropped: its records come again from the committed offset.
        if self._batch_generation == self._generation and not self._stopping:
            self._window.take(
                faststream_consumer.record_of(r, self._topic_ids.of(r.topic))
                for r in records
                if TopicPartition(r.topic, r.partition) in self._assigned
            )
            self._pause_if_needed()

    def _watch_polls(self, consumer: AIOKafkaConsumer) -> None:
        """Note every poll, and from which assignment of partitions its records are."""
        lenient, reset = partial(fetch_leniently, consumer), partial(self._reset, consumer)
        self._topic_ids.watch(consumer)
        refresh_by_topic(consumer)
        self._poll = poll = CarefulPoll(
            consumer, self._next_offset, time.monotonic, lenient, reset, on_step=self._progress.polled
        )

        async def getmany(*, timeout_ms: int, max_records: int) -> Batch:
            self._progress.polled()
            bounded_codecs.bound_batches(int(self._settings.max_batch_bytes))
            self._pass_gaps()
            try:
                for refused in await self._recreation.settle(consumer):
                    self._note_refusal(refused)
                await self._follow_recreation(consumer, poll)
                held = self._recreation.held(self._assigned)
                if held and held == self._assigned:
                    self._progress.succeeded()
                    return {}
                self._read_again(consumer, poll)
                await self._write_off()
                batch = await poll.getmany(timeout_ms=timeout_ms, max_records=max_records, held=held)
            except REFUSED as error:
                self._progress.succeeded()  # an operator has to grant access: a restart would not help
                self._note_refusal(error)
                if isinstance(error, GroupAuthorizationFailedError):
                    faststream_consumer.rejoin(consumer)
                await asyncio.sleep(REFUSED_PAUSE)
                return {}
            self._progress.succeeded()
            # Kafka's client may have noticed meanwhile: then these are records of the new topic, from anywhere in it.
            recreated = await self._follow_recreation(consumer, poll)
            batch = {one: records for one, records in batch.items() if one not in recreated}
            self._put_back(consumer, batch)
            self._batch_generation = self._generation
            self._note_positions(consumer, poll)
            return batch

        faststream_consumer.poll_through(consumer, getmany)

    async def _follow_recreation(
        self, consumer: AIOKafkaConsumer, poll: CarefulPoll
    ) -> Collection[TopicPartition]:
        """Go to the beginning of topics that were recreated. Return their partitions: of them nothing counts before."""
        found = await self._recreation.follow(consumer, self._assigned)
        for one in (one for one, begins in found.items() if begins):
            self._read_to.pop(one, None)
            poll.went_to(one)
        return found.keys()

    def _put_back(self, consumer: AIOKafkaConsumer, batch: Batch) -> None:
        """Take out what was polled of partitions that were assigned during the poll, and read it again later."""
        for one in self._recreation.held(batch):
            first = batch.pop(one)[0]
            with contextlib.suppress(IllegalStateError):  # revoked at this moment
                consumer.seek(one, first.offset)

    def _note_positions(self, consumer: AIOKafkaConsumer, poll: CarefulPoll) -> None:
        """Note up to where each partition was read by this poll, and what holds it back there."""
        for one in self._assigned - self._recreation.held(self._assigned):
            place = faststream_consumer.place_of(consumer, one)
            if place is not None and not poll.is_astray(one):
                self._read_to[one] = place.position
                self._open_transactions[one.topic].note(
                    one.partition, place.position, place.stable, place.end
                )

    def _pass_gaps(self) -> None:
        """Let the window know up to where the poll before read: FastStream has handed over its records by now."""
        read_to, self._read_to = self._read_to, {}
        if self._batch_generation != self._generation or self._stopping:
            return  # its records were dropped
        for partition, offset in read_to.items():
            if partition in self._assigned:
                self._window.read_to((partition.topic, partition.partition), offset)

    def _read_again(self, consumer: AIOKafkaConsumer, poll: CarefulPoll) -> None:
        """Go back to what was set aside and need no longer wait."""
        now = time.monotonic()
        if self._stopping or (now < self._read_again_at and not self._window.reads_again):
            return
        self._read_again_at = now + READ_AGAIN_INTERVAL
        for place, offset in self._window.read_again().items():
            partition = TopicPartition(*place)
            if partition in self._assigned:
                with contextlib.suppress(IllegalStateError):  # revoked at this moment
                    consumer.seek(partition, offset)
                poll.went_to(partition)
        self._pausing.pause_crowded(consumer, self._assigned)

    async def _write_off(self) -> None:
        """Write down what Kafka deleted while it was set aside; until that is durable, it is not committed past."""
        for place, offsets in self._window.gone.items():
            try:
                await self._resets.lose(place, offsets)
            except JournalOutage:
                return
            self._window.written_off(place, list(offsets))

    async def _reset(self, consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: int | None) -> None:
        self._topic_ids.doubt()
        await self._topic_ids.refresh(consumer)
        if self._recreation.is_recreated(partition):
            await self._recreation.begin_anew(consumer, partition)
            self._read_to.pop(partition, None)
            return
        place = (partition.topic, partition.partition)
        if wanted is not None and self._window.is_reading_again(place):
            start = (await consumer.beginning_offsets([partition]))[partition]
            if start > wanted:
                # What was set aside was deleted meanwhile. Only the window knows what of it had not been answered.
                consumer.seek(partition, start)
                self._window.go_on_from(place, start)
                return
        if wanted is None and (known := (await committed_positions(consumer, [partition])).get(partition)):
            # Kafka refused to say it when the client asked: nothing is to be read twice, or left out.
            consumer.seek(partition, known.next_offset)
            return
        offset = await self._resets.reset(consumer, partition, wanted, self._recreation.id_of(partition))
        self._window.go_on_from(place, offset)

    def _next_offset(self, partition: TopicPartition) -> int | None:
        return self._window.next_offset((partition.topic, partition.partition))

    def _pause_if_needed(self) -> None:
        self._pausing.pause_if_needed(self._consumer, self._assigned)

    def _resume_if_room(self) -> None:
        if not self._stopping:
            self._pausing.resume_if_room(self._consumer, self._assigned)

    @property
    def _consumer(self) -> Any:
        return faststream_consumer.consumer_of(self._subscriber)

    async def _commit_forever(self) -> None:
        while True:
            await asyncio.sleep(self._settings.commit_interval)
            await self._commit()
            self._backlog.note(self._offsets())

    async def _commit(self) -> None:
        """Commit what is finished. A failed commit is not repeated: the next round commits what is finished by then."""
        if self._consumer is None:
            return
        await self._topic_ids.refresh(self._consumer)
        # aiokafka refuses the whole commit where one partition is not assigned to this worker.
        ours = {(tp.topic, tp.partition) for tp in self._assigned if not self._recreation.is_recreated(tp)}
        offsets = {place: offset for place, offset in self._window.committable().items() if place in ours}
        if not offsets:
            return
        positions = self._recreation.positions({TopicPartition(*p): offset for p, offset in offsets.items()})
        try:
            # First the journal: a committed offset that it does not know shows that it is older than Kafka.
            await self._resets.note(positions)
            if self._consumer is None:
                return
            await commit_positions(self._consumer, positions)
        except JournalOutage:
            log.info("nothing is committed while the journal is unavailable")
        except (
            TopicAuthorizationFailedError
        ) as error:  # which Kafka's client raises when the others are committed
            self._commit_fails(error)
            refused = error.args[0] if error.args else {topic for topic, _ in offsets}
            self._window.committed({place: of for place, of in offsets.items() if place[0] not in refused})
        except (KafkaError, IllegalStateError, ValueError) as error:
            self._commit_fails(error)
        else:
            self._commit_failing = False
            self._window.committed(offsets)

    def _commit_fails(self, error: Exception) -> None:
        if isinstance(error, REFUSED):
            self._note_refusal(error)
        if not self._commit_failing:  # the next commits come several times a second
            log.warning("commit failed", extra={"error": type(error).__name__})
        self._commit_failing = True

    def _note_refusal(self, error: BaseException) -> None:
        self._refusals.note(explained(error, Operation.READ, group=self._resets.group))

    async def _commit_in_time(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._commit(), LEAVE_DEADLINE)

    async def _drop_broker(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            with contextlib.suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(broker.stop(), LEAVE_DEADLINE)
        self._subscriber = None
