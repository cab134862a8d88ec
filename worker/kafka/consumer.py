"""Kafka in: a FastStream subscriber with manual commits that feeds the window and never blocks the poll loop."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition

from worker.kafka import faststream_consumer
from worker.kafka.assignment import Assignment
from worker.kafka.backlog import Backlog
from worker.kafka.committed import refresh_by_topic
from worker.kafka.committer import Committer
from worker.kafka.intake_poll import IntakePoll
from worker.kafka.partition_ends import partition_ends
from worker.kafka.pausing import Pausing
from worker.kafka.poll_positions import PollPositions
from worker.kafka.progress import PollProgress
from worker.kafka.recreation import Recreation
from worker.kafka.refusals import Refusals, explained
from worker.kafka.rereading import Rereading
from worker.kafka.rights import Operation
from worker.kafka.subscription import Subscription

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Sequence

    from aiokafka import AIOKafkaConsumer
    from faststream.kafka import KafkaBroker

    from worker.kafka.backlog import Offsets, PartitionBacklog
    from worker.kafka.faststream_consumer import RawRecords
    from worker.kafka.intake_settings import IntakeSettings
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.window import Fill, Window
    from worker.pipeline.flood.causes import Party

log = logging.getLogger(__name__)


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
        self._settings = settings
        self._resets = resets
        self._window = window = make_window(on_progress=self._resume_if_room)
        self._subscription = Subscription(make_broker, topics, resets.group, settings)
        self._assignment = assignment = Assignment()
        self._recreation = recreation = Recreation(topics, resets, window.partitions, time.monotonic)
        # Nothing was read of a paused partition that would have shown that its topic was recreated.
        self._pausing = Pausing(window, self._subscription, assignment, recreation.topic_ids.doubt)
        self._positions = PollPositions(topics, window.partitions, assignment, recreation, time.time)
        self._rereading = Rereading(window, assignment, self._pausing, resets, time.monotonic)
        self._progress = PollProgress(time.monotonic)
        self._backlog = Backlog(time.monotonic)
        self._refusals = Refusals(time.monotonic)
        self._poll: IntakePoll | None = None
        self._committer = Committer(
            lambda: self._subscription.consumer,
            window.partitions,
            assignment,
            recreation,
            resets,
            interval=settings.commit_interval,
            on_refusal=self._note_refusal,
            after_round=lambda: self._backlog.note(self._offsets()),
        )

    async def start(self) -> None:
        """Join the group and begin to take records."""
        self._assignment.stopping = False
        await self._subscription.start(self._on_batch, self)
        self._progress.begin()
        self._poll_through(self._subscription.consumer)
        self._committer.start()

    def _poll_through(self, consumer: AIOKafkaConsumer) -> None:
        """Let FastStream poll through what keeps count of the polls."""
        self._recreation.topic_ids.watch(consumer)
        refresh_by_topic(consumer)
        self._poll = IntakePoll(
            consumer,
            partitions=self._window.partitions,
            assignment=self._assignment,
            recreation=self._recreation,
            positions=self._positions,
            rereading=self._rereading,
            resets=self._resets,
            progress=self._progress,
            max_batch_bytes=int(self._settings.max_batch_bytes),
            on_refusal=self._note_refusal,
        )
        faststream_consumer.poll_through(consumer, self._poll.getmany)

    async def stop(self) -> None:
        """Finish what is in flight within the drain time, release the rest, commit, leave the group."""
        if not self._subscription.started:
            return
        self._pausing.pause()
        # Submissions that finish during the drain make room in the window, but no new records may be taken.
        self._assignment.stopping = True
        self._committer.end()
        partitions = self._assignment.places
        await self._window.stop(self._settings.drain_seconds)
        await self._committer.commit_in_time()
        self._window.forget(partitions)
        self._assignment.partitions = set()
        await self._subscription.stop()

    def keep_back(self, reason: str, *, wanted: bool) -> None:
        """Pause intake for this reason, as a full window does; or, where not ``wanted``, no longer. Polls go on."""
        self._pausing.keep_back(reason, wanted=wanted)
        if wanted:
            self._pausing.pause()
        else:
            self._pausing.resume_if_room()

    @property
    def assigned(self) -> bool:
        """Whether the group gave this worker any partition."""
        return bool(self._assigned)

    @property
    def joined(self) -> bool:
        """Whether the group has assigned partitions to this worker: none if there are more workers than partitions."""
        return self._assignment.joined

    @property
    def unreadable(self) -> str | None:
        """Say which right Kafka refuses, and which partitions cannot be read at present, or None."""
        told = (self._refusals.told, self._poll.unreadable if self._poll else None)
        return "; ".join(dict.fromkeys(one for one in told if one)) or None

    @property
    def open_transactions(self) -> str | None:
        """Say which partitions an open transaction of a producer holds back, and since when, or None."""
        return self._positions.open_transactions

    @property
    def set_aside(self) -> Counter[Party]:
        """How many records are set aside, by their cause."""
        return self._window.partitions.set_aside

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
        consumer = self._subscription.consumer
        if consumer is not None and self._assigned:
            self._backlog.read_ends(await partition_ends(consumer, self._assigned, seconds))

    def _offsets(self) -> list[Offsets]:
        offsets_of = self._window.partitions.offsets_of
        return [(one, *offsets_of((one.topic, one.partition))) for one in self._assigned]

    def dead(self) -> str | None:
        """Say what is wrong with the consumer's own progress, or None. An unavailable Kafka is nothing wrong."""
        if not self._subscription.started:
            return None
        if silent := self._progress.dead():
            return silent
        ended = faststream_consumer.ended_task(self._subscription.consumer)
        if ended and not self._assignment.stopping:
            return ended
        if self._committer.ended:
            return "the commit task has ended"
        if abandoned := self._window.abandoned:
            return f"nothing works on {abandoned} ordering keys that have records"
        return None

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Drain the revoked partitions and commit what finished; aiokafka waits for this before it rejoins.

        Exchanges that are still in flight then run on: in the journal their submissions are this worker's, and the
        partition's next owner waits for their answers.
        """
        self._assignment.rebalance()
        self._progress.rejoining()
        partitions = [(tp.topic, tp.partition) for tp in revoked]
        if partitions:
            await self._window.drain(partitions, self._settings.drain_seconds)
            await self._committer.commit_in_time()
            self._window.forget(partitions)
        self._assignment.partitions -= set(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start from the committed offsets of these partitions."""
        self._window.forget((tp.topic, tp.partition) for tp in assigned)
        self._assignment.assign(assigned)
        self._recreation.assigned(self._assigned)
        self._backlog.reset()
        self._progress.rejoined()
        self._pausing.reset()
        self._positions.reset()
        if self._poll:
            self._poll.reset()
        log.info("partitions assigned", extra={"partitions": sorted(tp.partition for tp in self._assigned)})
        self._pausing.pause_if_needed()

    async def _on_batch(self, records: RawRecords) -> None:
        # A batch polled before a rebalance is dropped: its records come again from the committed offset.
        if self._assignment.counts:
            topic_ids, assigned = self._recreation.topic_ids, self._assigned
            self._window.take(
                faststream_consumer.record_of(r, topic_ids.of(r.topic))
                for r in records
                if TopicPartition(r.topic, r.partition) in assigned
            )
            self._pausing.pause_if_needed()

    def _resume_if_room(self) -> None:
        self._pausing.resume_if_room()

    def _note_refusal(self, error: BaseException) -> None:
        self._refusals.note(explained(error, Operation.READ, group=self._resets.group))

    @property
    def _assigned(self) -> set[TopicPartition]:
        return self._assignment.partitions
