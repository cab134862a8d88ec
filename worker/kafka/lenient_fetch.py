"""One fetch of a partition that gives a record which aiokafka cannot decode as a `Record` that says so.

aiokafka gives up on a whole batch at the first header whose name is not UTF-8, and again at every poll: the records
behind it in the same batch can never be read through it. Here the batches are decoded by aiokafka's Python code, with
that one failure caught; a batch that would take too much memory is given as records that say so. It relies on
aiokafka's inside; a unit test holds the installed version to it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from aiokafka import errors
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import KafkaError, LeaderNotAvailableError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint

from contracts.immutable import immutable
from worker.kafka.bounded_codecs import BatchTooLarge, PollTooLarge, begin_poll
from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

MAX_WAIT_MS, MIN_BYTES = 100, 1
MAX_BYTES = 1024 * 1024
"""Bytes that one fetch returns; Kafka returns a first batch that is larger all the same."""
MOST_RECORDS = 1000
"""Records that one fetch gives."""
ABORTED_OF_VERSION_11 = 2
"""Where the aborted transactions stand behind the high watermark, since version 11; the last but one before."""

Taken: TypeAlias = "ConsumerRecord[bytes, bytes] | Record"


@immutable
class Fetched:
    """Records of one partition, and the offset behind all that was read: gaps and aborted records included."""

    records: list[Taken]
    next_offset: int


@immutable
class _Undecodable:
    """A record of which only the place is known."""

    offset: int
    timestamp: int
    why: str


async def fetch_leniently(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> Fetched:
    """Fetch what is committed of a partition from an offset on. Raises KafkaError."""
    client = consumer._client  # noqa: SLF001
    leader = client.cluster.leader_for_partition(partition)
    if leader in {None, -1}:
        raise LeaderNotAvailableError
    wanted = [(partition.topic, [(partition.partition, offset, MAX_BYTES)])]
    request = FetchRequest(MAX_WAIT_MS, MIN_BYTES, MAX_BYTES, READ_COMMITTED, wanted)
    response = await client.send(leader, request)
    ((_, ((_, error, _, *rest),)),) = response.topics
    if error:
        raise errors.for_code(error)
    aborted = rest[ABORTED_OF_VERSION_11 if response.API_VERSION >= 11 else -2]  # noqa: PLR2004
    return decode(partition, offset, rest[-1], aborted)


def decode(partition: TopicPartition, offset: int, message_set: bytes, aborted: Any = None) -> Fetched:
    """Decode what a broker returned for a fetch from this offset. Raises KafkaError where nothing can be read."""
    unpacked = _Unpacked(
        partition, _Batches(message_set), aborted, offset, None, None, True, READ_COMMITTED  # noqa: FBT003
    )  # fmt: skip
    records: list[Taken] = []
    begin_poll()
    try:
        records.extend(islice(unpacked, MOST_RECORDS))
    except (KafkaError, PollTooLarge):
        # The records before a broken batch are complete; the batch itself fails again at the next fetch.
        if not records:
            raise
    return Fetched(records, unpacked.next_fetch_offset)


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka's class is final for type checkers
    """A batch that goes on behind a record which cannot be decoded."""

    def __iter__(self) -> Any:
        try:
            return super().__iter__()
        except BatchTooLarge as error:
            why = type(error).__name__
            return (
                _Undecodable(offset, self.first_timestamp, why)
                for offset in range(self.base_offset, self.next_offset)
            )

    def _read_msg(self) -> Any:
        start = self._pos
        try:
            return super()._read_msg()
        except UnicodeDecodeError as error:
            return self._step_over(start, type(error).__name__)

    def _step_over(self, start: int, why: str) -> _Undecodable:
        length, begin = decode_varint(self._buffer, start)
        _, position = decode_varint(self._buffer, begin)  # attributes
        timestamp_delta, position = decode_varint(self._buffer, position)
        offset_delta, _ = decode_varint(self._buffer, position)
        self._pos = begin + length
        appended = self.timestamp_type == self.LOG_APPEND_TIME
        timestamp = self.max_timestamp if appended else self.first_timestamp + timestamp_delta
        return _Undecodable(self.base_offset + offset_delta, timestamp, why)


class _Batches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka's class is final for type checkers
    """The batches of a fetch; those of the present format, which has headers, are lenient."""

    def next_batch(self) -> Any:
        raw = self._next_slice
        batch = super().next_batch()
        has_headers = raw is not None and raw[self.MAGIC_OFFSET] >= 2  # noqa: PLR2004
        return _Batch(raw) if has_headers else batch


class _Unpacked(PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """Leaves out control records and what was aborted, as aiokafka does."""

    def _consumer_record(self, tp: TopicPartition, record: Any) -> Taken:
        if not isinstance(record, _Undecodable):
            taken: Taken = super()._consumer_record(tp, record)
            return taken
        return Record(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp,
            None,
            None,
            (),
            unreadable=record.why,
        )
