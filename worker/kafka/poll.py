"""Polling that loses nothing when a record cannot be read, and lets no other record wait for it.

aiokafka decodes records while it hands them over. Where it fails at one (the name of a header that is not UTF-8, a
batch with a wrong checksum, one that would decompress to too much), it drops all that it had taken out for the same
poll, of every partition, and has moved their positions on: later commits would step over them. It also fails again at
every poll, so that nothing is read: what it cannot decode is fetched leniently, batch by batch.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from aiokafka.errors import ConsumerStoppedError, GroupAuthorizationFailedError, IllegalStateError

from worker.kafka.bounded_codecs import begin_poll
from worker.kafka.offset_resets import NO_OFFSET, place_of_error
from worker.kafka.refusals import REFUSED, explained
from worker.kafka.rights import Operation
from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

    from worker.kafka.lenient_fetch import Fetched, Taken

log = logging.getLogger(__name__)

SUSPENSION = 5.0
"""Seconds before a partition is polled again after an error that no single record explains."""
QUIET = 2.0
"""Seconds without a failure after which the partitions are polled together again."""
PAUSE = 0.01

Batch: TypeAlias = "dict[TopicPartition, list[ConsumerRecord[bytes, bytes] | Record]]"


def _reason(error: Exception) -> str:
    return explained(error, Operation.READ) if isinstance(error, REFUSED) else type(error).__name__


class FetchLeniently(Protocol):
    """Fetches records of one partition, those that cannot be decoded too."""

    async def __call__(self, partition: TopicPartition, offset: int, /) -> Fetched:
        """Fetch from an offset on. Raises KafkaError."""


class ResetOffset(Protocol):
    """Goes to where reading begins or goes on, when Kafka has no such offset."""

    async def __call__(self, partition: TopicPartition, wanted: int | None, /) -> None:
        """Go there. Raises KafkaError, and JournalOutage while the journal is unavailable."""


class CarefulPoll:
    """Wraps a consumer's `getmany`. After a failure it polls partition by partition until it has found the record.

    ``next_offset`` returns the offset after a partition's last taken record; None where none was taken yet.
    ``on_step`` is called before each partition that is polled alone: while Kafka is unavailable, each may take long.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        next_offset: Callable[[TopicPartition], int | None],
        monotonic: Callable[[], float],
        fetch_leniently: FetchLeniently,
        reset_offset: ResetOffset,
        *,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        self._consumer = consumer
        self._poll = consumer.getmany
        self._next_offset = next_offset
        self._monotonic = monotonic
        self._fetch_leniently = fetch_leniently
        self._reset_offset = reset_offset
        self._on_step = on_step
        self._apart_until = float("-inf")
        self._turn = 0
        self._astray: set[TopicPartition] = set()
        self._passed: dict[TopicPartition, int] = {}
        """Where a lenient fetch went on that gave no records."""
        self._suspended: dict[TopicPartition, tuple[float, str]] = {}

    @property
    def unreadable(self) -> str | None:
        """Say which partitions cannot be read at present, and why, or None."""
        several = len({tp.topic for tp in self._consumer.assignment()}) > 1
        by_reason: dict[str, list[str]] = {}
        for tp, (_, why) in sorted(self._suspended.items()):
            by_reason.setdefault(why, []).append(
                f"{tp.partition} of {tp.topic}" if several else f"{tp.partition}"
            )
        return "; ".join(f"partition {', '.join(ones)}: {why}" for why, ones in by_reason.items()) or None

    def is_astray(self, partition: TopicPartition) -> bool:
        """Whether the consumer may be past records of this partition that were never delivered."""
        return partition in self._astray

    def went_to(self, partition: TopicPartition) -> None:
        """Note that the caller has moved the consumer to where the window wants it."""
        self._astray.discard(partition)
        self._passed.pop(partition, None)

    def reset(self) -> None:
        """Forget what was found out about the partitions: they are reassigned."""
        self._astray.clear()
        self._passed.clear()
        self._suspended.clear()

    async def getmany(
        self, *, timeout_ms: int, max_records: int, held: Collection[TopicPartition] = ()
    ) -> Batch:
        """Return records; in the place of one that cannot be read, a `Record` that says so.

        ``held`` are partitions that may not be read now.
        Raises what aiokafka raises where it is not about records (it was stopped, no access to the group).
        """
        begin_poll()
        if self._astray or self._suspended or self._monotonic() < self._apart_until:
            return await self._poll_apart(timeout_ms / 1000, max_records, held)
        readable = sorted(self._consumer.assignment() - set(held)) if held else ()
        if held and not readable:  # without any partition, Kafka's client would return those of all
            return {}
        try:
            return dict(await self._poll(*readable, timeout_ms=timeout_ms, max_records=max_records))
        except NO_OFFSET as error:  # which comes alone, so that nothing else is lost with it
            await self._reset(error)
            return {}
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

    async def _poll_apart(self, seconds: float, max_records: int, held: Collection[TopicPartition]) -> Batch:
        """Poll one partition after the other. Records are returned at once: a later failure must not lose them."""
        end = self._monotonic() + seconds
        while True:
            for partition in self._in_turn():
                if partition in held:
                    continue
                self._on_step()
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

    async def _poll_one(self, partition: TopicPartition, max_records: int) -> list[Taken]:
        """Poll one partition without waiting; where a record cannot be decoded, fetch it leniently."""
        if self._is_suspended(partition):
            return []
        try:
            if partition in self._astray:
                await self._rewind(partition)
            batch: dict[TopicPartition, list[Any]] = await self._poll(
                partition, timeout_ms=0, max_records=max_records
            )
            records = batch.get(partition, [])
        except (ConsumerStoppedError, GroupAuthorizationFailedError):
            raise
        except NO_OFFSET as error:
            await self._reset(error)
            return []
        except ValueError:
            self._look_closely()
            self._astray.add(partition)
            records = await self._read_leniently(partition)
        except Exception as error:  # noqa: BLE001 - this partition's trouble must not become the others'
            self._astray.add(partition)
            self._suspend(partition, _reason(error))
            return []
        if records or self._is_well(partition):
            self._suspended.pop(partition, None)
        return records

    def _is_well(self, partition: TopicPartition) -> bool:
        """Whether nothing went wrong for a while: where no record comes, nothing else shows that it can be read."""
        until, _ = self._suspended.get(partition, (float("inf"), ""))
        return self._monotonic() >= until + SUSPENSION

    async def _reset(self, error: Exception) -> None:
        """Go to where reading goes on; where that cannot be found out now, the partition waits."""
        partition, wanted = place_of_error(error)
        try:
            await self._reset_offset(partition, wanted)
        except IllegalStateError:  # revoked meanwhile
            return
        except Exception as why:  # noqa: BLE001 - this partition's trouble must not become the others'
            self._suspend(partition, _reason(why))
            return
        self._passed.pop(partition, None)
        self._suspended.pop(partition, None)

    async def _read_leniently(self, partition: TopicPartition) -> list[Taken]:
        """Go back to the first record that was not taken, fetch from there on, and go on behind what came."""
        try:
            await self._rewind(partition)
            fetched = await self._fetch_leniently(partition, await self._consumer.position(partition))
            self._consumer.seek(partition, fetched.next_offset)
            self._passed[partition] = fetched.next_offset
        except IllegalStateError:  # revoked meanwhile
            return []
        except Exception as error:  # noqa: BLE001 - this partition's trouble must not become the others'
            self._astray.add(partition)
            self._suspend(partition, _reason(error))
            return []
        for one in fetched.records:
            if isinstance(one, Record):
                log.error(
                    "a record cannot be read",
                    extra={"partition": one.partition, "offset": one.offset, "error": one.unreadable},
                )
        return fetched.records

    def _is_suspended(self, partition: TopicPartition) -> bool:
        until, _ = self._suspended.get(partition, (float("-inf"), ""))
        return self._monotonic() < until

    def _suspend(self, partition: TopicPartition, why: str) -> None:
        if partition not in self._suspended:
            log.error("a partition cannot be read", extra={"partition": partition.partition, "error": why})
        self._suspended[partition] = (self._monotonic() + SUSPENSION, why)

    async def _rewind(self, partition: TopicPartition) -> None:
        """Go back to the first record that was not taken. Raises what aiokafka raises where it cannot."""
        known = (self._next_offset(partition), self._passed.pop(partition, None))
        offset = max((one for one in known if one is not None), default=None)
        if offset is None:
            offset = await self._consumer.committed(partition)
        if offset is None:
            await self._reset_offset(partition, None)
        else:
            self._consumer.seek(partition, offset)
        self._astray.discard(partition)
