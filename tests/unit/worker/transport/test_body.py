import gzip

import pytest

from worker.transport.body import read_bounded
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


BROKEN = {
    "not gzip": (b"<ok/>", "gzip", "stream is broken"),
    "cut": (gzip.compress(b"<ok/>" * 100)[:-9], "gzip", "no end"),
    "wrong checksum": (gzip.compress(b"<ok/>")[:-8] + b"\x00" * 8, "gzip", "stream is broken"),
    "more after the end": (gzip.compress(b"<ok/>") + b"<!-- -->", "gzip", "bytes follow"),
    "deflate": (b"x", "deflate", "not asked for"),
    "stacked": (gzip.compress(gzip.compress(b"x")), "gzip, gzip", "not asked for"),
}


@pytest.mark.parametrize("size", [1, 1000], ids=["byte by byte", "at once"])
@pytest.mark.parametrize(("data", "encoding", "told"), BROKEN.values(), ids=BROKEN.keys())
async def test_broken(data, encoding, told, size):
    with pytest.raises(BrokenAnswer, match=told):
        await read_bounded(chunks_of(data, size), encoding, 10_000)
