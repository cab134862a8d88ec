"""Files in an encrypted journal: nothing of them can be read without its key, and a key can be replaced."""

from __future__ import annotations

import base64
import os

import pytest

from tests.support.files.stores import chunks_of, new_file, whole
from worker.admin.reencryption import reencrypt
from worker.file_store import CHUNK, FileStoreOutage
from worker.journal import encryption_keys
from worker.journal.settings import JournalSettings

CONTENT = b"Epicrisis of Proba Probova, an invented person. " * 10_000
KEYS = {name: {"secret": base64.b64encode(os.urandom(32)).decode()} for name in ("one", "two")}


@pytest.fixture
def keyed(journal_dsn):
    def settings(active, *names):
        keys = {name: KEYS[name] for name in names or (active,) if name}
        return JournalSettings(dsn=journal_dsn, encryption={"active_key": active, "keys": keys})

    return settings


@pytest.mark.parametrize("active", [None, "one"])
async def test_the_bytes_are_never_stored_as_they_are(stores, connection, keyed, active):
    store = stores(keyed(active))
    stored = await store.save(new_file(), chunks_of(CONTENT))
    assert await whole(store.read(stored.id)) == CONTENT
    rows = await connection.fetch("select body from file_chunks")
    assert len(rows) == -(-len(CONTENT) // CHUNK)
    assert not any(b"Proba" in row["body"] for row in rows)
    name = await connection.fetchval("select name from files")
    assert (b"epicrisis" in name) is (active is None)


async def test_a_key_is_replaced_without_the_bytes_being_written_again(stores, connection, keyed):
    stored = await stores(keyed(None)).save(new_file(), chunks_of(CONTENT))
    before = await connection.fetch("select body from file_chunks order by number")
    for active, names in (("one", ("one",)), ("two", ("one", "two"))):
        settings = keyed(active, *names)
        await encryption_keys.prepare(connection, settings.encryption.vault())  # as a worker does that starts
        changed = await reencrypt(settings)
        assert (changed.changed, changed.unreadable) == (2, 0)
        assert await whole(stores(keyed(active)).read(stored.id)) == CONTENT
    assert await connection.fetch("select body from file_chunks order by number") == before
    assert (await stores(keyed("two")).find(stored.id)) == stored


async def test_without_its_key_the_store_says_which_one_it_needs(stores, keyed):
    stored = await stores(keyed("one")).save(new_file(), chunks_of(CONTENT))
    with pytest.raises(FileStoreOutage, match="with the key one"):
        await whole(stores(keyed("two")).read(stored.id))
    with pytest.raises(FileStoreOutage, match="with the key one"):
        await stores(keyed("two")).find(stored.id)


async def test_changed_and_exchanged_bytes_are_found_out(stores, connection):
    store = stores()
    stored = await store.save(new_file(), chunks_of(CONTENT))
    await connection.execute(
        "update file_chunks set body = set_byte(body, 7, 255 - get_byte(body, 7)) where number = 1"
    )
    with pytest.raises(FileStoreOutage, match="piece 1"):
        await whole(store.read(stored.id))
    await connection.execute(
        "update file_chunks a set body = b.body from file_chunks b where a.number = 1 and b.number = 0"
    )
    with pytest.raises(FileStoreOutage, match="piece 1"):
        await whole(store.read(stored.id))
