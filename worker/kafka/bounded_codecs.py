"""Decompression of Kafka's batches within a bound; aiokafka's own has none, and a batch of 1 MB may become a gigabyte.

Kafka bounds what is compressed alone (`max.message.bytes`, `max_partition_fetch_bytes`). aiokafka looks its codecs up
by name in its record modules, so they are replaced there; a unit test holds the installed version to it.
"""

from __future__ import annotations

import importlib
import mmap
import zlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import cramjam
from aiokafka import codec
from aiokafka.record.util import decode_varint

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Bytes: TypeAlias = "bytes | bytearray | memoryview"

MIB = 1024 * 1024
MOST_BATCH_BYTES = 8 * MIB
"""Of one batch, decompressed, by default. Producers' batches and requests are 1 MB uncompressed by default."""
BATCHES_OF_A_POLL = 2
"""How many of the largest batches one poll may decompress: a poll of 500 records may meet 500 batches."""
MOST_RECORDS = 20_000
"""Of one compressed batch; each is looked at before any is decoded."""
MOST_HEADERS = 1000
"""Of one record of a compressed batch: an empty one takes 2 bytes there and 100 in memory."""

_GZIP = zlib.MAX_WBITS | 16
_MODULES = (
    "aiokafka.record.default_records",
    "aiokafka.record.legacy_records",
    "aiokafka.record._crecords.default_records",
    "aiokafka.record._crecords.legacy_records",
)
_most_batch_bytes: ContextVar[int] = ContextVar("herald_most_batch_bytes", default=MOST_BATCH_BYTES)
_decompressed: ContextVar[int] = ContextVar("herald_decompressed", default=0)


class BatchTooLarge(ValueError):
    """A batch becomes more than may be held in memory; its records cannot be read."""


class PollTooLarge(ValueError):
    """The batches of one poll become too much together; fewer at a time can be read."""


def begin_poll() -> None:
    """Count from zero what is decompressed in this task."""
    _decompressed.set(0)


def bound_batches(most_bytes: int) -> None:
    """Set how many bytes a batch may become in this task, and in those that it starts."""
    _most_batch_bytes.set(most_bytes)


def install() -> None:
    """Let aiokafka decompress through this module."""
    for name in _MODULES:
        module = importlib.import_module(name)
        for function in ("gzip_decode", "snappy_decode", "lz4_decode", "zstd_decode"):
            if hasattr(module, function):
                setattr(module, function, _bounded(_DECODERS[function], records="default" in name))


def _bounded(decode: Callable[[bytes], bytes], *, records: bool) -> Callable[[Bytes], bytes]:
    def decode_bounded(payload: Bytes) -> bytes:
        found = decode(bytes(payload))
        if records:
            _check_records(found)
        _decompressed.set(_decompressed.get() + len(found))
        if _decompressed.get() > BATCHES_OF_A_POLL * _most_batch_bytes.get():
            raise PollTooLarge
        return found

    return decode_bounded


def _gzip(payload: bytes) -> bytes:
    found, most = bytearray(), _most_batch_bytes.get()
    while payload:
        member = zlib.decompressobj(_GZIP)
        found += member.decompress(payload, most + 1 - len(found))
        if len(found) > most:
            raise BatchTooLarge
        if not member.eof:
            raise EOFError
        payload = member.unused_data.lstrip(b"\0")
    return bytes(found)


def _into(decompress: Callable[[bytes, Any], int]) -> Callable[[bytes], bytes]:
    """Decompress into room of a fixed size, which takes no memory where nothing is written."""

    def decode(payload: bytes) -> bytes:
        with mmap.mmap(-1, _most_batch_bytes.get()) as room:
            try:
                return room[: decompress(payload, room)]
            except cramjam.DecompressionError as error:
                # The library has one error for all; this is what its fixed output says when it is full.
                if "write whole buffer" in str(error):
                    raise BatchTooLarge from None
                raise

    return decode


def _snappy(payload: bytes) -> bytes:
    if _snappy_bytes(payload) > _most_batch_bytes.get():
        raise BatchTooLarge
    found: bytes = codec.snappy_decode(payload)
    return found


def _snappy_bytes(payload: bytes) -> int:
    """Return how many bytes a raw or a framed (Xerial) stream says that it becomes."""
    if not codec._detect_xerial_stream(payload):  # noqa: SLF001
        return int(cramjam.snappy.decompress_raw_len(payload))
    total, position = 0, 16
    while position < len(payload):
        size = int.from_bytes(payload[position : position + 4], "big")
        begin, position = position + 4, position + 4 + size
        total += int(cramjam.snappy.decompress_raw_len(payload[begin:position]))
    return total


def _check_records(batch: bytes) -> None:
    """Look at the frame of each record. Raises BatchTooLarge; what is malformed is aiokafka's to report."""
    position, records = 0, 0
    try:
        while position < len(batch):
            length, begin = decode_varint(batch, position)
            position, records = begin + max(length, 1), records + 1
            if records > MOST_RECORDS or _headers(batch, begin) > MOST_HEADERS:
                raise BatchTooLarge
    except IndexError:
        return


def _headers(batch: bytes, position: int) -> int:
    """Return how many headers the record has whose attributes stand here."""
    for _ in range(3):  # attributes, timestamp, offset
        _, position = decode_varint(batch, position)
    for _ in range(2):  # key, value
        length, position = decode_varint(batch, position)
        position += max(length, 0)
    return int(decode_varint(batch, position)[0])


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip_decode": _gzip,
    "snappy_decode": _snappy,
    "lz4_decode": _into(cramjam.lz4.decompress_into),
    "zstd_decode": _into(cramjam.zstd.decompress_into),
}
