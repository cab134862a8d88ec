"""The store in an outage of its database, and with files that are larger than a worker may hold."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import resource

import pytest

from tests.support.files.stores import chunks_of, many, new_file, whole
from tests.support.worker.installation import eventually
from worker.file_store import FileStoreOutage
from worker.journal.settings import JournalSettings

MEBIBYTE = 1024 * 1024


async def test_an_unavailable_database_is_an_outage(stores):
    nowhere = JournalSettings(dsn="postgresql://postgres@127.0.0.1:1/nothing", connect_seconds=1)
    store = stores(nowhere)
    for work in (
        store.save(new_file(), chunks_of(b"x")),
        store.find(new_file().id),
        whole(store.read(new_file().id)),
        store.give(new_file().id, new_file().owner),
    ):
        with pytest.raises(FileStoreOutage):
            await work


END = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where application_name = 'herald file contents' and wait_event_type is not distinct from coalesce($1, wait_event_type)
"""


async def test_a_connection_that_is_lost_in_a_statement_leaves_no_file(stores, connection):
    store, piece = stores(), os.urandom(MEBIBYTE)
    locked, held = connection.transaction(), asyncio.Event()

    async def cut():
        yield piece
        await locked.start()
        await connection.execute("lock table file_chunks in exclusive mode")
        held.set()
        yield piece

    saving = asyncio.create_task(store.save(new_file(), cut()))
    async with asyncio.timeout(20):
        await held.wait()  # until then the connection is not this task's
    await eventually(lambda: connection.fetchval(END, "Lock"), bool)
    with pytest.raises(FileStoreOutage):
        await saving
    await locked.rollback()
    assert await store.find(new_file().id) is None
    stored = await store.save(new_file(), chunks_of(piece, piece))
    assert await whole(store.read(stored.id)) == piece * 2


async def test_a_connection_that_is_lost_between_two_pieces_leaves_the_file_whole_or_absent(
    stores, connection
):
    """By whether the client has noticed the loss when it sends the next piece: then it connects anew."""
    store, piece = stores(), os.urandom(MEBIBYTE)

    async def cut():
        yield piece
        assert await connection.fetchval(END, None) == 1
        yield piece

    try:
        stored = await store.save(new_file(), cut())
    except FileStoreOutage:
        assert await store.find(new_file().id) is None
    else:
        assert await whole(store.read(stored.id)) == piece * 2


async def test_a_file_of_40_mb_adds_less_than_20_mb_of_memory(stores):
    store, digest = stores(), hashlib.sha256()

    def made():
        for number in range(40):
            piece = hashlib.shake_128(bytes([number])).digest(MEBIBYTE)
            digest.update(piece)
            yield piece

    await store.save(new_file("small"), chunks_of(b"x"))  # connections and plans are there
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = await store.save(new_file(), many(made()))
    saved = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = hashlib.sha256()
    async for chunk in store.read(stored.id):
        read.update(chunk)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert stored.size == 40 * MEBIBYTE
    assert stored.sha256 == digest.hexdigest() == read.hexdigest()
    assert saved - before < 20 * 1024
    assert after - saved < 20 * 1024
