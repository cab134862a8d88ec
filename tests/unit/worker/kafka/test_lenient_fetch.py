"""Batches with a record that aiokafka cannot decode; and what is relied on of aiokafka's inside to read them."""

from __future__ import annotations

import inspect
import struct
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from worker.kafka.lenient_fetch import decode
from worker.pipeline.ports import Record

PARTITION = TopicPartition("t", 3)
CRC_AT, CRC_FROM = 17, 21
BAD = "NO-UTF-8"


def batch(first: int, *names: str, producer: int = -1, transactional: bool = False, codec: int = 0) -> bytes:
    """Return a batch of records that have a header of this name each; BAD becomes one that is no UTF-8."""
    builder = DefaultRecordBatchBuilder(2, codec, transactional, producer, 0, 0, 1_000_000)
    for place, name in enumerate(names):
        builder.append(place, 1000 + place, b"k", b"v%d" % (first + place), [(name, b"")])
    built = bytearray(builder.build())
    while BAD.encode() in built:
        built[built.index(BAD.encode())] = 0xFF
    struct.pack_into(">q", built, 0, first)
    struct.pack_into(">I", built, CRC_AT, calc_crc32c(bytes(built[CRC_FROM:])))
    return bytes(built)


def seen(found: Any) -> list[tuple[int, bytes | None]]:
    return [(one.offset, one.value) for one in found.records]


@pytest.mark.parametrize("at", range(4))
def test_only_the_bad_record_of_a_batch_is_unreadable(at: int) -> None:
    names = ["good"] * 4
    names[at] = BAD
    found = decode(PARTITION, 10, batch(10, *names))
    assert [one.offset for one in found.records] == [10, 11, 12, 13]
    assert found.records[at] == Record("t", 3, 10 + at, 1000 + at, None, None, (), "UnicodeDecodeError")
    assert [one.value for one in found.records] == [
        None if one == at else b"v%d" % (10 + one) for one in range(4)
    ]
    assert found.next_offset == 14


def test_what_was_taken_before_is_left_out() -> None:
    found = decode(PARTITION, 12, batch(10, BAD, "good", BAD, "good"))
    assert [one.offset for one in found.records] == [12, 13]


def test_a_compressed_batch_is_read_too() -> None:
    plain = batch(10, "good", "good", codec=1)
    assert seen(decode(PARTITION, 10, plain)) == [(10, b"v10"), (11, b"v11")]


def test_aborted_records_are_left_out_and_passed() -> None:
    message_set = (
        batch(0, "good", producer=7, transactional=True)
        + batch(1, BAD, "good", producer=8, transactional=True)
        + batch(3, BAD, producer=7, transactional=True)
    )
    found = decode(PARTITION, 0, message_set, [(8, 1)])
    assert [one.offset for one in found.records] == [0, 3]
    found = decode(PARTITION, 1, batch(1, BAD, "good", producer=8, transactional=True), [(8, 1)])
    assert (found.records, found.next_offset) == ([], 3)


def test_what_stands_before_a_broken_batch_is_given_and_the_broken_one_then_raises() -> None:
    broken = bytearray(batch(2, "good"))
    broken[-1] ^= 1
    found = decode(PARTITION, 0, batch(0, "good", BAD) + bytes(broken))
    assert [one.offset for one in found.records] == [0, 1]
    assert found.next_offset == 2
    with pytest.raises(CorruptRecordException):
        decode(PARTITION, 2, bytes(broken))


def test_aiokafka_gives_up_on_the_whole_batch() -> None:
    """Why all this is there: where it no longer holds, `lenient_fetch` can go."""
    message_set = batch(0, BAD, "good")
    one_behind = PartitionRecords(PARTITION, MemoryRecords(message_set), None, 1, None, None, True, 1)
    with pytest.raises(UnicodeDecodeError):
        list(one_behind)


def test_aiokafka_answers_a_fetch_as_is_relied_on() -> None:
    source = inspect.getsource(fetcher.Fetcher._proc_fetch_request)
    assert "for partition, error_code, highwater, *part_data in partitions" in source
    assert "aborted_transactions = part_data[2]" in source
    assert "aborted_transactions = part_data[-2]" in source
    assert "MemoryRecords(part_data[-1])" in source
