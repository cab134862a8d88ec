"""Batches that decompress to far more than they are; and what is relied on of aiokafka's inside to bound them."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
from contextvars import copy_context
from typing import Any

import cramjam
import pytest
from aiokafka import TopicPartition, codec
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from worker.kafka import bounded_codecs
from worker.kafka.bounded_codecs import (
    BATCHES_OF_A_POLL,
    MOST_BATCH_BYTES,
    MOST_HEADERS,
    MOST_RECORDS,
    BatchTooLarge,
    PollTooLarge,
    begin_poll,
)
from worker.kafka.lenient_fetch import decode
from worker.pipeline.ports import Record

PARTITION = TopicPartition("t", 3)
CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
Row = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


@pytest.fixture(autouse=True)
def _installed() -> None:
    bounded_codecs.install()
    begin_poll()


def batch(first: int, *rows: Row, name: str = "zstd") -> bytes:
    builder = DefaultRecordBatchBuilder(2, CODECS[name], 0, -1, -1, -1, 2**31 - 1)
    for place, (key, value, headers) in enumerate(rows):
        builder.append(place, 1000 + place, key, value, headers)
    built = bytearray(builder.build())
    struct.pack_into(">q", built, 0, first)
    struct.pack_into(">I", built, 17, calc_crc32c(bytes(built[21:])))
    return bytes(built)


def strictly(message_set: bytes, offset: int = 0) -> list[Any]:
    """Decode as aiokafka does, by its C code."""
    return list(
        PartitionRecords(
            PARTITION,
            MemoryRecords(message_set),
            None,
            offset,
            None,
            None,
            check_crcs=True,
            isolation_level=READ_COMMITTED,
        )
    )


GOOD: Row = (b"k", b"v", [("h", b"x")])
LARGE = bytes(MOST_BATCH_BYTES + 1)


@pytest.mark.parametrize("name", CODECS)
def test_honest_batches_are_read_as_before(name: str) -> None:
    rows: list[Row] = [(b"k", b"v%d" % number * 300, [("h", b"x")]) for number in range(500)]
    for found in (
        strictly(batch(0, *rows, name=name)),
        decode(PARTITION, 0, batch(0, *rows, name=name)).records,
    ):
        assert [(one.key, one.value, list(one.headers)) for one in found] == rows


@pytest.mark.parametrize("name", CODECS)
def test_an_event_of_many_megabytes_is_still_read(name: str) -> None:
    (one,) = strictly(batch(0, (b"k", bytes(MOST_BATCH_BYTES - 1000), []), name=name))
    assert len(one.value) == MOST_BATCH_BYTES - 1000


HOSTILE: dict[str, list[Row]] = {
    "value": [(b"k", LARGE, [])],
    "key": [(LARGE, b"v", [])],
    "header": [(b"k", b"v", [("h", LARGE)])],
    "name-of-a-header": [(b"k", b"v", [("h" * len(LARGE), b"")])],
    "headers": [(b"k", b"v", [("", None)] * (MOST_HEADERS + 1))],
    "records": [(None, None, [])] * (MOST_RECORDS + 1),
}


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE)
def test_a_batch_that_becomes_too_much_is_refused(rows: list[Row], name: str) -> None:
    with pytest.raises(BatchTooLarge):
        strictly(batch(0, *rows, name=name))


@pytest.mark.parametrize("name", CODECS)
def test_each_of_its_records_is_reported_and_the_batches_around_it_are_read(name: str) -> None:
    message_set = batch(0, GOOD, GOOD) + batch(2, GOOD, (b"k", LARGE, []), name=name) + batch(4, GOOD)
    found = decode(PARTITION, 0, message_set)
    assert [(one.offset, one.value) for one in found.records] == [
        (0, b"v"), (1, b"v"), (2, None), (3, None), (4, b"v"),
    ]  # fmt: skip
    assert found.records[2] == Record("t", 3, 2, 1000, None, None, (), "BatchTooLarge")
    assert found.next_offset == 5


def test_what_one_fetch_gives_is_bounded_and_the_next_goes_on() -> None:
    message_set = batch(0, *HOSTILE["records"]) + batch(MOST_RECORDS + 1, GOOD)
    offset, offsets = 0, []
    while offset < MOST_RECORDS + 2:
        found = decode(PARTITION, offset, message_set)
        assert 0 < len(found.records) <= 1000
        offsets += [one.offset for one in found.records]
        offset = found.next_offset
    assert offsets == list(range(MOST_RECORDS + 2))


@pytest.mark.parametrize("name", CODECS)
def test_the_bound_is_the_operators(name: str) -> None:
    large = batch(0, (b"k", bytes(MOST_BATCH_BYTES + 1), []), name=name)

    def taken(most: int) -> list[bool]:
        bounded_codecs.bound_batches(most)
        return [one.value is not None for one in decode(PARTITION, 0, large).records]

    assert copy_context().run(taken, 2 * MOST_BATCH_BYTES) == [True]
    assert copy_context().run(taken, MOST_BATCH_BYTES) == [False]


def test_many_batches_that_are_large_together_are_read_a_few_at_a_time() -> None:
    size = MOST_BATCH_BYTES // 2
    batches = [batch(number, (b"k", bytes(size), [])) for number in range(20)]
    with pytest.raises(PollTooLarge):
        strictly(b"".join(batches))
    offset = 0
    while offset < 20:
        found = decode(PARTITION, offset, b"".join(batches[offset:]))
        assert 0 < sum(len(one.value or b"") for one in found.records) <= BATCHES_OF_A_POLL * MOST_BATCH_BYTES
        assert [one.offset for one in found.records] == list(range(offset, found.next_offset))
        offset = found.next_offset


@pytest.mark.parametrize("name", CODECS)
def test_a_broken_stream_is_no_large_one(name: str) -> None:
    broken = {
        "gzip": gzip.compress(b"x" * 99)[:-9],
        "zstd": bytes(cramjam.zstd.compress(b"x" * 99))[:-3],
    }.get(name, b"\x99" * 40)
    with pytest.raises((EOFError, cramjam.DecompressionError)):
        bounded_codecs._DECODERS[f"{name}_decode"](broken)


def test_snappy_in_blocks_is_bounded_too() -> None:
    assert bounded_codecs._snappy(codec.snappy_encode(b"x" * 100_000)) == b"x" * 100_000
    with pytest.raises(BatchTooLarge):
        bounded_codecs._snappy(codec.snappy_encode(LARGE))


def test_gzip_of_several_members_is_bounded_too() -> None:
    assert bounded_codecs._gzip(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    with pytest.raises(BatchTooLarge):
        bounded_codecs._gzip(gzip.compress(bytes(MIB)) * 9)


MIB = 1024 * 1024
SCRIPT = """
import resource, sys
from aiokafka.record.memory_records import MemoryRecords
from worker.kafka import bounded_codecs
from worker.kafka.lenient_fetch import decode
from aiokafka import TopicPartition
bounded_codecs.install()
limit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
bomb = sys.stdin.buffer.read()
print(len(bomb), {one.unreadable for one in decode(TopicPartition("t", 0), 0, bomb).records})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - limit)
"""


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_half_a_gigabyte_takes_little_memory(name: str) -> None:
    """Unbounded, aiokafka takes 820 MB for this batch, which has 13 KB as zstd."""
    bomb = batch(0, (b"k", bytes(400 * MIB), []), name=name)
    run = subprocess.run([sys.executable, "-c", SCRIPT], input=bomb, capture_output=True, check=True)
    told, grown = run.stdout.decode().splitlines()
    assert told == f"{len(bomb)} {{'BatchTooLarge'}}"
    assert int(grown) < 100_000  # KB
