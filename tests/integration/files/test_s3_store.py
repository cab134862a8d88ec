"""The file store on a real S3-compatible server over TLS: the same as on PostgreSQL, through outages and refusals."""

from __future__ import annotations

import gc
import hashlib
import os
import resource

import pytest

from tests.support.files.s3_server import BUCKET, prepare, s3, s3_program
from tests.support.files.stores import chunks_of, many, new_file, whole
from worker.configuration_error import ConfigurationError
from worker.file_store import CHUNK, FileDiffers, FileStoreOutage, FileStoreRefused, FileTooLarge, NoSuchFile

__all__ = ["s3", "s3_program"]
pytestmark = pytest.mark.timeout(300)
MEBIBYTE = 1024 * 1024
CONTENT = os.urandom(7 * MEBIBYTE + 17)
"""More than one part."""
SHOWING = 16
"""Bytes that show where content is not encrypted."""


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 5 * MEBIBYTE, len(CONTENT)])
async def test_what_is_saved_is_read_from_any_byte_on(stores, s3, size):
    store, content = stores(**s3.section()), CONTENT[:size]
    stored = await store.save(new_file(content=content), chunks_of(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    for start in {0, 1, size // 2, max(size - 1, 0), size}:
        read = [chunk async for chunk in store.read(stored.id, start=start)]
        assert b"".join(read) == content[start:]
        assert all(len(chunk) <= CHUNK for chunk in read)
    (written,) = s3.objects
    assert written.parent.name == "herald"
    # A few bytes would be found in what is encrypted by chance.
    assert size < SHOWING or content[:SHOWING] not in written.read_bytes()


async def test_nothing_is_kept_of_what_is_refused_or_breaks_off(stores, s3):
    store = stores(**s3.section(), max_file_bytes=6 * MEBIBYTE)

    async def breaks():
        yield CONTENT[: 6 * MEBIBYTE - 1]
        raise ConnectionResetError

    with pytest.raises(FileTooLarge):
        await store.save(new_file(), chunks_of(CONTENT))
    with pytest.raises(ConnectionResetError):
        await store.save(new_file(), breaks())
    with pytest.raises(FileDiffers):
        await store.save(new_file(content=b"other"), chunks_of(b"this"))
    assert await store.find(new_file().id) is None


async def test_a_server_that_stops_is_an_outage_and_comes_back(stores, s3):
    store = stores(**s3.section())
    stored = await store.save(new_file(), chunks_of(CONTENT))
    s3.stop()
    for work in (store.save(new_file("f-2"), chunks_of(CONTENT)), whole(store.read(stored.id))):
        with pytest.raises(FileStoreOutage) as caught:
            await work
        assert not isinstance(caught.value, FileStoreRefused)
        assert "127.0.0.1" not in str(caught.value)
    s3.start()
    assert await whole(store.read(stored.id)) == CONTENT
    assert await whole(store.read((await store.save(new_file("f-2"), chunks_of(CONTENT))).id)) == CONTENT


async def test_a_server_that_stops_in_the_middle_leaves_nothing_visible(stores, s3):
    store = stores(**s3.section())

    async def stops():
        yield CONTENT[: 6 * MEBIBYTE]
        s3.stop()
        yield CONTENT[6 * MEBIBYTE :]

    with pytest.raises(FileStoreOutage):
        await store.save(new_file(), stops())
    assert await store.find(new_file().id) is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": "wrong"}, "refuses the access key"),
        ({"access": "nobody"}, "not the access key"),
        ({"bucket": "absent-bucket"}, "knows no bucket absent-bucket"),
    ],
    ids=["secret", "key", "bucket"],
)
async def test_what_an_operator_must_correct_is_told_in_a_sentence(stores, s3, changed, told):
    for name in ("secret", "access"):
        if name in changed:
            (s3.directory / name).write_text(changed[name])
    store = stores(**s3.section(bucket=changed.get("bucket", BUCKET)))
    for work in (lambda: store.save(new_file(), chunks_of(b"x")), store.probe):
        with pytest.raises(FileStoreRefused, match=told) as caught:
            await work()
        assert "wrong" not in str(caught.value)


async def test_a_certificate_of_nobody_it_trusts_is_an_outage(stores, s3, tmp_path):
    other = prepare(tmp_path)
    store = stores(**s3.section(ca_file=str(other.directory / "ca.pem")))
    with pytest.raises(FileStoreOutage):
        await store.probe()


async def test_files_that_cannot_be_read_refuse_the_start(stores, s3):
    (s3.directory / "secret").unlink()
    with pytest.raises(ConfigurationError, match="secret access key"):
        stores(**s3.section())


async def test_the_probe_leaves_nothing(stores, s3):
    await stores(**s3.section()).probe()
    assert s3.objects == []


async def test_an_object_that_is_gone_is_no_file(stores, s3):
    store = stores(**s3.section())
    stored = await store.save(new_file(), chunks_of(CONTENT))
    s3.objects[0].unlink()
    with pytest.raises(NoSuchFile):
        await whole(store.read(stored.id))


async def test_after_a_change_of_the_backend_earlier_files_are_read(stores, s3):
    before = await stores().save(new_file("a"), chunks_of(CONTENT))
    after = await stores(**s3.section()).save(new_file("b"), chunks_of(CONTENT))
    both = stores(**s3.section())
    assert await whole(both.read(before.id)) == await whole(both.read(after.id)) == CONTENT
    with pytest.raises(FileStoreOutage, match="backend s3"):
        await whole(stores().read(after.id))


async def test_a_file_of_40_mb_adds_less_than_20_mb_of_memory(stores, s3):
    store, piece = stores(**s3.section()), os.urandom(MEBIBYTE)
    await store.save(new_file("small"), chunks_of(b"x"))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = await store.save(new_file(), many([piece] * 40))
    saved = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = hashlib.sha256()
    async for chunk in store.read(stored.id):
        read.update(chunk)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read.hexdigest() == stored.sha256 == hashlib.sha256(piece * 40).hexdigest()
    assert saved - before < 20 * 1024
    assert after - saved < 20 * 1024
