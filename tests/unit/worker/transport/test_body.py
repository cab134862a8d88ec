import asyncio
import gzip
import time
import zlib

import pytest
from aiohttp import ClientPayloadError, StreamReader
from aiohttp.base_protocol import BaseProtocol

from worker.transport.body import read_bounded, read_whole
from worker.transport.failures import BrokenAnswer


async def chunks_of(data, size=7):
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", " GZIP ", "x-gzip"])
@pytest.mark.parametrize(
    ("length", "limit", "kept", "truncated"),
    [
        (0, 5, 0, False),
        (4, 5, 4, False),
        (5, 5, 5, False),
        (6, 5, 5, True),
        (1000, 5, 5, True),
        (100, 100, 100, False),
    ],
)
async def test_bound(encoding, length, limit, kept, truncated):
    plain = bytes(index % 251 for index in range(length))
    data = gzip.compress(plain) if "gzip" in encoding.lower() else plain
    found = await read_bounded(chunks_of(data, 1_000_000), encoding, max(limit, 0))
    if "gzip" in encoding.lower() and len(data) > limit:
        # Short bodies grow when they are compressed: the bound on the wire cuts what the other would keep.
        assert found == (plain[:limit], True)
    else:
        assert found == (plain[:kept], truncated)


@pytest.mark.parametrize("size", [1, 2, 10, 1000])
async def test_chunks_of_any_size(size):
    plain = b"<ok/>" * 1000
    assert await read_bounded(chunks_of(gzip.compress(plain), size), "gzip", 10_000) == (plain, False)
    assert await read_bounded(chunks_of(plain, size), "", 10_000) == (plain, False)


async def test_reading_stops_at_the_bound():
    taken = []

    async def endless():
        while True:
            taken.append(1)
            yield b"x" * 10

    assert await read_bounded(endless(), "", 95) == (b"x" * 95, True)
    assert len(taken) == 10


async def test_a_gzip_stream_that_yields_nothing_ends_at_the_bound():
    async def empty_blocks():
        yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        while True:
            yield b"\x00\x00\x00\xff\xff" * 10

    assert await read_bounded(empty_blocks(), "gzip", 1000) == (b"", True)


def raw(data):
    """Deflate without the frame of zlib, as old servers of Microsoft send it."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


PLAIN = b"<ok>%s</ok>" % (b"x" * 5000)
TAKEN = {
    "none": ("none", PLAIN),
    "UTF-8": ("UTF-8", PLAIN),
    "empty": ("", PLAIN),
    "a comma": (",", PLAIN),
    "identity, twice": ("identity, identity", PLAIN),
    "8bit": ("8bit", PLAIN),
    "chunked": ("chunked", PLAIN),
    "a media type": ("application/xml", PLAIN),
    "gzip and no coding": ("gzip, utf-8", gzip.compress(PLAIN)),
    "identity and gzip": ("identity, gzip", gzip.compress(PLAIN)),
    "quoted": ('"gzip"', gzip.compress(PLAIN)),
    "two members": ("gzip", gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:])),
    "an empty member": ("gzip", gzip.compress(b"") + gzip.compress(PLAIN) + gzip.compress(b"")),
    "many members": ("gzip", b"".join(gzip.compress(PLAIN[i : i + 100]) for i in range(0, len(PLAIN), 100))),
    "padded with zeros": ("gzip", gzip.compress(PLAIN) + b"\0" * 100),
    "a line break after it": ("gzip", gzip.compress(PLAIN) + b"\r\n"),
    "a line break after a zlib stream": ("deflate", zlib.compress(PLAIN) + b"\r\n"),
    "zeros between members": ("gzip", gzip.compress(PLAIN[:9]) + b"\0" * 5 + gzip.compress(PLAIN[9:])),
    "zlib": ("deflate", zlib.compress(PLAIN)),
    "raw deflate": ("deflate", raw(PLAIN)),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(PLAIN))),
    "deflate, then gzip": ("deflate, gzip", gzip.compress(raw(PLAIN))),
}


@pytest.mark.parametrize("size", [1, 5, 100_000])
@pytest.mark.parametrize(("encoding", "data"), TAKEN.values(), ids=TAKEN.keys())
async def test_what_other_clients_read_is_read(encoding, data, size):
    assert await read_bounded(chunks_of(data, size), encoding, 10_000) == (PLAIN, False)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip", "none"])
async def test_no_body_needs_no_decoding(encoding):
    assert await read_bounded(chunks_of(b""), encoding, 10) == (b"", False)


BOMB = b"\0" * 10_000_000
BOMBS = {
    "gzip": gzip.compress(BOMB),
    "deflate": zlib.compress(BOMB),
    "gzip, gzip": gzip.compress(gzip.compress(BOMB)),
    # The inner layer yields nothing, but must not be unpacked without end either.
    "gzip, deflate": zlib.compress(
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\x00\x00\x00\xff\xff" * 1_000_000
    ),
}


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
async def test_very_many_members_take_no_long_time(encoding):
    data = gzip.compress(b"", mtime=0) * 300_000
    data = gzip.compress(data, 1) if encoding == "gzip, gzip" else data
    began = time.process_time()
    with pytest.raises(BrokenAnswer, match="too many members"):
        await read_bounded(chunks_of(data, 16_384), encoding, 10_000_000)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("encoding", "data"), BOMBS.items(), ids=BOMBS.keys())
async def test_no_layer_yields_more_than_the_bound(encoding, data):
    body, cut = await read_bounded(chunks_of(data, 16_384), encoding, 50_000)
    assert cut
    assert len(body) <= 50_000


BROKEN = {
    "not gzip": (b"<ok/>", "gzip", "stream is broken"),
    "cut": (gzip.compress(b"<ok/>" * 100)[:-9], "gzip", "no end"),
    "wrong checksum": (gzip.compress(b"<ok/>")[:-8] + b"\x00" * 8, "gzip", "stream is broken"),
    "more after the end": (gzip.compress(b"<ok/>") + b"<!-- -->", "gzip", "bytes follow"),
    "text after zeros": (gzip.compress(b"<ok/>") + b"\0\0x", "gzip", "bytes follow"),
    "second member cut": (gzip.compress(b"<ok") + gzip.compress(b"/>")[:-3], "gzip", "no end"),
    "deflate cut": (zlib.compress(b"<ok/>")[:-1], "deflate", "no end"),
    "deflate of one byte": (b"x", "deflate", "no end"),
    "not deflate": (b"\x78\x9c\xff\xff\xff", "deflate", "stream is broken"),
    "more after deflate": (zlib.compress(b"<ok/>") + b"x", "deflate", "bytes follow"),
    "brotli": (b"x", "br", "not asked for"),
    "zstd over gzip": (gzip.compress(b"x"), "gzip, zstd", "not asked for"),
    "too many layers": (b"x", "gzip, gzip, gzip, gzip", "too many times"),
}


@pytest.mark.parametrize("size", [1, 1000], ids=["byte by byte", "at once"])
@pytest.mark.parametrize(("data", "encoding", "told"), BROKEN.values(), ids=BROKEN.keys())
async def test_broken(data, encoding, told, size):
    with pytest.raises(BrokenAnswer, match=told):
        await read_bounded(chunks_of(data, size), encoding, 10_000)


def content(data, *, ended):
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    made = StreamReader(protocol, 2**16, loop=loop)
    made.feed_data(data)
    if ended:
        made.feed_eof()
    return made


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(("length", "limit"), [(0, 100), (99, 100), (100, 100), (101, 100), (1000, 100)])
async def test_what_came_at_once_is_read_as_what_came_later(length, limit, encoding, ended):
    plain = bytes(index % 251 for index in range(length))
    data = gzip.compress(plain) if encoding else plain
    bounded = await read_bounded(chunks_of(data, 1_000_000), encoding, limit)
    whole = content(data, ended=ended)
    asyncio.get_running_loop().call_later(0.01, whole.feed_eof)
    assert await read_whole(whole, encoding, limit) == bounded


async def test_what_broke_is_not_read_as_whole():
    broken = content(b"abc", ended=True)
    broken.set_exception(ClientPayloadError("broken"))
    with pytest.raises(ClientPayloadError):
        await read_whole(broken, "", 100)
