"""One poll of an intake: what is checked before Kafka is asked, and what of its answer counts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING

from aiokafka.errors import GroupAuthorizationFailedError, IllegalStateError

from worker.kafka import bounded_codecs, faststream_consumer
from worker.kafka.lenient_fetch import fetch_leniently
from worker.kafka.poll import CarefulPoll
from worker.kafka.position_reset import PositionReset
from worker.kafka.refusals import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from worker.kafka.assignment import Assignment
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.partitions import Partitions
    from worker.kafka.poll import Batch
    from worker.kafka.poll_positions import PollPositions
    from worker.kafka.progress import PollProgress
    from worker.kafka.recreation import Recreation
    from worker.kafka.rereading import Rereading

REFUSED_PAUSE = 0.5
"""Seconds before the next poll where Kafka refused one for a missing right."""


class IntakePoll:
    """Polls one consumer for FastStream; notes every poll, and from which assignment of partitions its records are."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        *,
        partitions: Partitions,
        assignment: Assignment,
        recreation: Recreation,
        positions: PollPositions,
        rereading: Rereading,
        resets: OffsetResets,
        progress: PollProgress,
        max_batch_bytes: int,
        on_refusal: Callable[[BaseException], None],
    ) -> None:
        self._consumer = consumer
        self._assignment = assignment
        self._recreation = recreation
        self._positions = positions
        self._rereading = rereading
        self._progress = progress
        self._max_batch_bytes = max_batch_bytes
        self._on_refusal = on_refusal
        self._poll = CarefulPoll(
            consumer,
            lambda one: partitions.next_offset((one.topic, one.partition)),
            time.monotonic,
            partial(fetch_leniently, consumer),
            PositionReset(consumer, partitions, recreation, positions, resets),
            on_step=progress.polled,
        )

    @property
    def unreadable(self) -> str | None:
        """Say which partitions cannot be read at present, and why, or None."""
        return self._poll.unreadable

    def reset(self) -> None:
        """Forget what was found out about the partitions: they are reassigned."""
        self._poll.reset()

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Batch:
        """Return the next records by partition; none where Kafka refuses a right, which is reported."""
        self._progress.polled()
        bounded_codecs.bound_batches(self._max_batch_bytes)
        self._positions.pass_on()
        try:
            batch = await self._asked(timeout_ms, max_records)
        except REFUSED as error:
            await self._refused(error)
            return {}
        self._progress.succeeded()
        if batch is None:
            return {}
        return await self._kept(batch)

    async def _asked(self, timeout_ms: int, max_records: int) -> Batch | None:
        """Return what Kafka has; None where it is of no partition known yet from where it is to be read."""
        for refused in await self._recreation.settle(self._consumer):
            self._on_refusal(refused)
        await self._follow_recreation()
        assigned = self._assignment.partitions
        held = self._recreation.held(assigned)
        if held and held == assigned:
            return None
        self._rereading.go_back(self._consumer, self._poll)
        await self._rereading.write_off()
        return await self._poll.getmany(timeout_ms=timeout_ms, max_records=max_records, held=held)

    async def _refused(self, error: Exception) -> None:
        self._progress.succeeded()  # an operator has to grant access: a restart would not help
        self._on_refusal(error)
        if isinstance(error, GroupAuthorizationFailedError):
            faststream_consumer.rejoin(self._consumer)
        await asyncio.sleep(REFUSED_PAUSE)

    async def _kept(self, batch: Batch) -> Batch:
        """Return what counts of a batch, and note where the consumer stands after it."""
        # Kafka's client may have noticed meanwhile: then these are records of the new topic, from anywhere in it.
        recreated = await self._follow_recreation()
        batch = {one: records for one, records in batch.items() if one not in recreated}
        self._put_back(batch)
        self._assignment.polled()
        self._positions.note(self._consumer, self._poll)
        return batch

    async def _follow_recreation(self) -> Collection[TopicPartition]:
        """Go to the beginning of topics that were recreated. Return their partitions: of them nothing counts before."""
        found = await self._recreation.follow(self._consumer, self._assignment.partitions)
        for one in (one for one, begins in found.items() if begins):
            self._positions.forget(one)
            self._poll.went_to(one)
        return found.keys()

    def _put_back(self, batch: Batch) -> None:
        """Take out what was polled of partitions that were assigned during the poll, and read it again later."""
        for one in self._recreation.held(batch):
            first = batch.pop(one)[0]
            with contextlib.suppress(IllegalStateError):  # revoked at this moment
                self._consumer.seek(one, first.offset)
