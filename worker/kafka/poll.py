"""Polling that loses nothing when a record cannot be read, and lets no other record wait for it.

aiokafka decodes records while it returns them. Where it fails at one (the name of a header that is not UTF-8, a
batch with a wrong checksum), it drops all records of the same poll, of every partition, although it has advanced
their positions: later commits would skip them. It also fails again at every poll, so that nothing is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, TypeAlias

from aiokafka.errors import ConsumerStoppedError, IllegalStateError

from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

log = logging.getLogger(__name__)

SUSPENSION = 5.0
"""Seconds before a partition is polled again after an error that no single record explains."""
QUIET = 2.0
"""Seconds without a failure after which the partitions are polled together again."""
PAUSE = 0.01

Batch: TypeAlias = "dict[TopicPartition, list[ConsumerRecord[bytes, bytes] | Record]]"


class CarefulPoll:
    """Wraps a consumer's `getmany`. After a failure it polls partition by partition until it has found the record.

    ``next_offset`` returns the offset after a partition's last taken record; None where none was taken yet.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        next_offset: Callable[[TopicPartition], int | None],
        monotonic: Callable[[], float],
    ) -> None:
        self._consumer = consumer
        self._poll = consumer.getmany
        self._next_offset = next_offset
        self._monotonic = monotonic
        self._apart_until = float("-inf")
        self._turn = 0
        self._astray: set[TopicPartition] = set()
        self._narrowed: set[TopicPartition] = set()
        self._suspended: dict[TopicPartition, tuple[float, str]] = {}

    @property
    def unreadable(self) -> str | None:
        """Say which partitions cannot be read at present, and why, or None."""
        told = (f"partition {tp.partition}: {why}" for tp, (_, why) in sorted(self._suspended.items()))
        return "; ".join(told) or None

    def reset(self) -> None:
        """Forget what was found out about the partitions: they are assigned anew."""
        self._astray.clear()
        self._narrowed.clear()
        self._suspended.clear()

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Batch:
        """Return records; in the place of one that cannot be read, a `Record` that says so.

        Raises what aiokafka raises where it is not about records (it was stopped, no access to the group).
        """
        if self._astray or self._suspended or self._monotonic() < self._apart_until:
            return await self._poll_apart(timeout_ms / 1000, max_records)
        try:
            return dict(await self._poll(timeout_ms=timeout_ms, max_records=max_records))
        except Exception as error:
            log.warning("a batch could not be read", extra={"error": type(error).__name__})
            self._look_closely()
            # Whatever the error was, aiokafka may have advanced past records that it did not return.
            self._astray |= self._consumer.assignment()
            if not isinstance(error, ValueError):  # a UnicodeDecodeError is a ValueError
                raise
            return {}

    def _look_closely(self) -> None:
        self._apart_until = self._monotonic() + QUIET

    async def _poll_apart(self, seconds: float, max_records: int) -> Batch:
        """Poll one partition after the other. Records are returned at once: a later failure must not lose them."""
        end = self._monotonic() + seconds
        while True:
            for partition in self._in_turn():
                if records := await self._poll_one(partition, max_records):
                    return {partition: records}
            if self._monotonic() >= end:
                return {}
            await asyncio.sleep(PAUSE)

    def _in_turn(self) -> list[TopicPartition]:
        """Begin with another partition each time, so that a busy one does not starve the others."""
        partitions = sorted(self._consumer.assignment())
        self._turn += 1
        first = self._turn % max(len(partitions), 1)
        return partitions[first:] + partitions[:first]

    async def _poll_one(
        self, partition: TopicPartition, max_records: int
    ) -> list[ConsumerRecord[bytes, bytes] | Record]:
        """Poll one partition without waiting; a narrowed one record by record, until the bad one is met."""
        if self._is_suspended(partition):
            return []
        most = 1 if partition in self._narrowed else max_records
        try:
            if partition in self._astray:
                await self._rewind(partition)
            batch: dict[TopicPartition, list[Any]] = await self._poll(
                partition, timeout_ms=0, max_records=most
            )
        except ConsumerStoppedError:
            raise
        except ValueError as error:
            return await self._meet_bad(partition, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one partition's failure must not stop the others
            self._astray.add(partition)
            self._suspend(partition, type(error).__name__)
            return []
        if batch:
            self._suspended.pop(partition, None)
        return batch.get(partition, [])

    async def _meet_bad(
        self, partition: TopicPartition, why: str
    ) -> list[ConsumerRecord[bytes, bytes] | Record]:
        """Rewind to poll record by record; where that was done already, step over the next record: the bad one."""
        self._look_closely()
        if partition in self._narrowed:
            with contextlib.suppress(IllegalStateError):  # the partition was revoked meanwhile
                return [await self._step_over(partition, why)]
        self._narrowed.add(partition)
        self._astray.add(partition)
        return []

    def _is_suspended(self, partition: TopicPartition) -> bool:
        until, _ = self._suspended.get(partition, (float("-inf"), ""))
        return self._monotonic() < until

    def _suspend(self, partition: TopicPartition, why: str) -> None:
        if partition not in self._suspended:
            log.error("a partition cannot be read", extra={"partition": partition.partition, "error": why})
        self._suspended[partition] = (self._monotonic() + SUSPENSION, why)

    async def _step_over(self, partition: TopicPartition, why: str) -> Record:
        """Seek past the bad record. As records were taken one by one, the position is right before it.

        Where a transaction's end marker lies between, the marker is skipped first, and the record at the next poll.
        """
        offset = await self._consumer.position(partition)
        self._consumer.seek(partition, offset + 1)
        self._narrowed.discard(partition)
        log.error(
            "a record cannot be read",
            extra={"partition": partition.partition, "offset": offset, "error": why},
        )
        return Record(partition.topic, partition.partition, offset, 0, None, None, (), unreadable=why)

    async def _rewind(self, partition: TopicPartition) -> None:
        """Go back to the first record that was not taken. Raises what aiokafka raises where it cannot."""
        offset = self._next_offset(partition)
        if offset is None:
            offset = await self._consumer.committed(partition)
        if offset is None:
            await self._consumer.seek_to_beginning(partition)
        else:
            self._consumer.seek(partition, offset)
        self._astray.discard(partition)
