"""The file store on PostgreSQL: whole or not at all, the same twice is one, and nobody else's."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.files.stores import OWNER, chunks_of, many, new_file, whole
from worker.file_store import CHUNK, FileDiffers, FileOwner, FileTooLarge, NoSuchFile

CONTENT = os.urandom(3 * CHUNK + 17)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])
async def test_what_is_saved_is_read_from_any_byte_on(stores, size):
    store, content = stores(), CONTENT[:size]
    stored = await store.save(new_file(), chunks_of(content[:1000], content[1000:]))
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert (stored.owner, stored.media_type, stored.name) == (
        OWNER,
        "application/pdf",
        "epicrisis of Проба.pdf",
    )
    assert await store.find(stored.id) == stored
    for start in {0, 1, size // 2, max(size - 1, 0), size}:
        read = [chunk async for chunk in store.read(stored.id, start=start)]
        assert b"".join(read) == content[start:]
        assert all(len(chunk) <= CHUNK for chunk in read)


async def test_nothing_of_a_file_is_visible_before_all_of_it_is_there(stores):
    store, new = stores(), new_file()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow():
        yield CONTENT[: 2 * CHUNK]
        reached.set()
        await go_on.wait()
        yield CONTENT[2 * CHUNK :]

    saving = asyncio.create_task(store.save(new, slow()))
    await reached.wait()
    assert await store.find(new.id) is None
    with pytest.raises(NoSuchFile):
        await whole(store.read(new.id))
    go_on.set()
    assert (await saving).size == len(CONTENT)
    assert await whole(store.read(new.id)) == CONTENT


@pytest.mark.parametrize("stated", [{"sha256": "0" * 64}, {"size": 5}])
async def test_a_file_that_is_not_what_was_stated_is_not_kept(stores, connection, stated):
    store = stores()
    with pytest.raises(FileDiffers):
        await store.save(replace(new_file(content=CONTENT), **stated), chunks_of(CONTENT))
    assert await store.find(new_file().id) is None
    assert (
        await connection.fetchval("select count(*) from file_contents where due_at <= clock_timestamp()") == 1
    )


async def test_a_file_that_is_too_large_is_refused_before_all_of_it_was_read(stores):
    store, read = stores(max_file_bytes=2 * CHUNK), []

    def pieces():
        for number in range(100):
            read.append(number)
            yield bytes(CHUNK)

    with pytest.raises(FileTooLarge) as caught:
        await store.save(new_file(), many(pieces()))
    assert (caught.value.limit, len(read)) == (2 * CHUNK, 3)


async def test_what_the_source_of_the_bytes_raises_passes_and_nothing_is_kept(stores):
    store = stores()

    async def breaks():
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.save(new_file(), breaks())
    assert await store.find(new_file().id) is None


async def test_the_same_again_reads_nothing_and_changes_nothing(stores, connection):
    store, new = stores(), new_file(content=CONTENT)
    first = await store.save(new, chunks_of(CONTENT))

    async def never():
        raise AssertionError("it was read")
        yield b""

    assert await store.save(new, never()) == first
    assert await store.save(new_file(), chunks_of(CONTENT)) == first  # known by what was written
    assert await connection.fetchval("select count(*) from file_contents where due_at is null") == 1


async def test_two_at_once_leave_one_content(stores, connection):
    both = stores(), stores()
    saved = await asyncio.gather(
        *(one.save(new_file(), chunks_of(CONTENT)) for one in both for _ in range(3))
    )
    assert len(set(saved)) == 1
    assert await connection.fetchval("select count(*) from file_contents where due_at is null") == 1
    assert await whole(both[1].read(new_file().id)) == CONTENT


async def test_other_content_replaces_it(stores, connection):
    store = stores()
    await store.save(new_file(), chunks_of(b"one"))
    second = await store.save(new_file(), chunks_of(b"two"))
    assert second.sha256 == hashlib.sha256(b"two").hexdigest()
    assert await whole(store.read(second.id)) == b"two"
    left = await connection.fetch(
        "select data_key is null as unreadable from file_contents where due_at is not null"
    )
    assert [row["unreadable"] for row in left] == [True]


async def test_how_long_it_is_kept(stores, connection):
    store, now = stores(keep_days=30, upload_days=3), datetime.now(UTC)
    saved = await store.save(new_file("a"), chunks_of(b"a"))
    uploaded = await store.save(
        new_file("b", owner=FileOwner("nhis", "urn:hospital:1")), chunks_of(b"b"), uploaded=True
    )
    assert saved.expires_at - now == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    assert uploaded.expires_at - now == pytest.approx(timedelta(days=3), abs=timedelta(minutes=1))
    given = await store.give(uploaded.id, OWNER)
    assert given.owner == OWNER
    assert given.expires_at - now == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    # Nothing refers to what was only saved: it is an orphan tomorrow.
    collected = await connection.fetchval("select collect_at from files where id = $1", saved.id)
    assert collected - now == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))


@pytest.mark.parametrize("source", ["urn:hospital:2", None])
async def test_nobody_is_given_what_another_source_uploaded(stores, source):
    store = stores()
    owner = FileOwner("nhis", "urn:hospital:1")
    saved = await store.save(new_file(owner=owner), chunks_of(b"a"), uploaded=True)
    with pytest.raises(NoSuchFile):
        await store.give(saved.id, FileOwner("nhis", source, None))
    with pytest.raises(NoSuchFile):
        await store.give(new_file("absent").id, owner)
