"""Commits of what is finished: every few seconds, and before partitions are given up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, TopicAuthorizationFailedError

from worker.kafka.committed import commit_positions
from worker.kafka.refusals import REFUSED
from worker.pipeline.ports import JournalOutage

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import AIOKafkaConsumer

    from worker.kafka.assignment import Assignment
    from worker.kafka.lane import Partition
    from worker.kafka.offset_resets import OffsetResets
    from worker.kafka.partitions import Partitions
    from worker.kafka.recreation import Recreation

log = logging.getLogger(__name__)

LEAVE_DEADLINE = 5.0
"""Seconds for the last commit, and for leaving the group. While Kafka is unavailable, its client retries without end.
Records that are not committed by then come again to the partition's next owner, which answers them from the journal."""


class Committer:
    """Commits for one consumer, which ``consumer`` returns; it is None before the start and after the stop.

    A failed commit is not repeated: the next round commits what is finished by then. ``on_refusal`` is called where
    Kafka refuses a right; ``after_round`` after each round.
    """

    def __init__(
        self,
        consumer: Callable[[], AIOKafkaConsumer | None],
        partitions: Partitions,
        assignment: Assignment,
        recreation: Recreation,
        resets: OffsetResets,
        *,
        interval: float,
        on_refusal: Callable[[BaseException], None],
        after_round: Callable[[], None],
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._assignment = assignment
        self._recreation = recreation
        self._resets = resets
        self._interval = interval
        self._on_refusal = on_refusal
        self._after_round = after_round
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def start(self) -> None:
        """Begin to commit, once in each interval."""
        self._task = asyncio.create_task(self._commit_forever())

    def end(self) -> None:
        """Commit no more by itself."""
        if self._task:
            self._task.cancel()

    @property
    def ended(self) -> bool:
        """Whether the task that commits has ended, by a defect or by `end`."""
        return self._task is not None and self._task.done()

    async def _commit_forever(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self.commit()
            self._after_round()

    async def commit_in_time(self) -> None:
        """Commit what is finished, or give up at the deadline."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_DEADLINE):
                await self.commit()

    async def commit(self) -> None:
        """Commit what is finished, as far as it is new."""
        consumer = self._consumer()
        if consumer is None:
            return
        await self._recreation.topic_ids.refresh(consumer)
        if offsets := self._committable():
            await self._commit(offsets)

    def _committable(self) -> dict[Partition, int]:
        # aiokafka refuses the whole commit where one partition is not assigned to this worker.
        assigned = self._assignment.partitions
        ours = {(tp.topic, tp.partition) for tp in assigned if not self._recreation.is_recreated(tp)}
        return {place: offset for place, offset in self._partitions.committable().items() if place in ours}

    async def _commit(self, offsets: dict[Partition, int]) -> None:
        positions = self._recreation.positions({TopicPartition(*p): offset for p, offset in offsets.items()})
        try:
            # First the journal: a committed offset that it does not know shows that it is older than Kafka.
            await self._resets.note(positions)
            if (consumer := self._consumer()) is None:
                return
            await commit_positions(consumer, positions)
        except JournalOutage:
            log.info("nothing is committed while the journal is unavailable")
        except TopicAuthorizationFailedError as error:  # raised when the other topics are committed
            self._fails(error)
            refused = error.args[0] if error.args else {topic for topic, _ in offsets}
            self._partitions.committed(
                {place: of for place, of in offsets.items() if place[0] not in refused}
            )
        except (KafkaError, IllegalStateError, ValueError) as error:
            self._fails(error)
        else:
            self._failing = False
            self._partitions.committed(offsets)

    def _fails(self, error: Exception) -> None:
        if isinstance(error, REFUSED):
            self._on_refusal(error)
        if not self._failing:  # the next commits come several times a second
            log.warning("commit failed", extra={"error": type(error).__name__})
        self._failing = True
