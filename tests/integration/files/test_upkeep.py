"""Files that are over go: after their time, with their submission, by an erasure; their bytes through outages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.files.s3_server import s3, s3_program
from tests.support.files.stores import OWNER, chunks_of, new_file, whole
from tests.support.postgres.journal import RealClock, final, request
from worker.admin.erasure import erase
from worker.admin.retention import Retention, prune
from worker.file_store import FileOwner, NoSuchFile
from worker.files.collecting import FilesCollector
from worker.files.counts import FileCounts
from worker.journal.notifications import PostgresNotifications
from worker.pipeline.ports import Event, Notification

__all__ = ["s3", "s3_program"]
pytestmark = pytest.mark.usefixtures("time_travel")
CONTENT = b"a certificate of nobody" * 30_000


class Later(RealClock):
    """A clock that is some days ahead."""

    days = 0.0

    def now(self):
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture
async def collector(settings):
    made = []

    def make(store):
        made.append(FilesCollector(settings, store.backends, Later(), 30, FileCounts()))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def collected(collector, days=0.0):
    collector._clock.days = days
    await collector.collect_if_leading()
    assert collector.leads


async def ended(journal, files=(), name="s-1"):
    """Claim and finish a submission whose reply refers to these files."""
    claimed = await journal.claim(request(name))
    await journal.finish(claimed.ticket, final(files=tuple(files), at=datetime.now(UTC)), None)
    await journal.answered(OWNER.source, name, 1, request(name).place)


async def left(connection):
    row = await connection.fetchrow(
        "select (select count(*) from file_contents) as contents, (select count(*) from file_chunks) as chunks"
    )
    return tuple(row)


async def test_what_no_reply_refers_to_goes_after_a_day_and_the_rest_when_it_expires(
    stores, collector, journal, connection
):
    store = stores(keep_days=10)
    kept = await store.save(new_file("kept"), chunks_of(CONTENT))
    orphan = await store.save(new_file("orphan"), chunks_of(CONTENT))
    collecting = collector(store)
    await journal.claim(request())
    await collected(collecting, days=2)  # the submission has not ended
    assert await store.find(orphan.id)
    await ended(journal, [kept.id])
    await collected(collecting, days=0.9)
    assert await store.find(orphan.id)
    await collected(collecting, days=1.1)
    assert await store.find(orphan.id) is None
    assert await whole(store.read(kept.id)) == CONTENT
    await collected(collecting, days=9.9)
    assert await store.find(kept.id)
    await collected(collecting, days=10.1)
    assert await store.find(kept.id) is None
    assert await left(connection) == (0, 0)
    assert (await store.look(kept.id))[1] is False
    await collected(collecting, days=41)
    assert await store.look(kept.id) is None


async def test_an_upload_goes_after_its_days_unless_an_event_refers_to_it(stores, collector):
    store, nobody = stores(keep_days=20, upload_days=3), FileOwner("-", OWNER.source)
    unused, used = [
        await store.save(new_file(name, owner=nobody), chunks_of(name.encode()), uploaded=True)
        for name in ("unused", "used")
    ]
    await store.give(used.id, FileOwner("nhis", OWNER.source))
    await collected(collector(store), days=3.1)
    assert await store.find(unused.id) is None
    assert await store.find(used.id)


async def test_what_was_written_in_part_is_deleted(stores, collector, connection):
    store = stores()

    async def breaks():
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.save(new_file(), breaks())
    assert (await left(connection))[1] > 0
    await collected(collector(store))
    assert await left(connection) == (0, 0)


async def test_retention_takes_the_files_of_a_submission_with_its_evidence(
    stores, journal, settings, connection
):
    store = stores(keep_days=300)
    file = await store.save(new_file(), chunks_of(CONTENT))
    await ended(journal, [file.id])
    now = datetime.now(UTC) + timedelta(days=3)
    assert (await prune(settings, Retention(90, 90), now, ["nhis"])).files == 0
    await connection.execute("update submissions set finished_at = finished_at - interval '100 days'")
    assert (await prune(settings, Retention(90, 90), now, ["nhis"])).files == 1
    with pytest.raises(NoSuchFile):
        await whole(store.read(file.id))
    assert await connection.fetchval("select data_key is null and due_at is not null from file_contents")


async def test_an_erasure_takes_the_files_of_the_patient_at_once(stores, journal, settings, connection):
    store = stores()
    file = await store.save(new_file(), chunks_of(CONTENT))
    other = await store.save(
        new_file("other", owner=FileOwner("nhis", OWNER.source, "s-2")), chunks_of(CONTENT)
    )
    noticed = await store.save(new_file("noticed", owner=FileOwner("nhis", None)), chunks_of(CONTENT))
    await ended(journal, [file.id])
    await ended(journal, [other.id], name="s-2")
    await connection.execute("update submissions set key_digest = 'x' where id = 's-2'")
    reference = {
        "id": noticed.id,
        "sha256": noticed.sha256,
        "size": noticed.size,
        "mediaType": "a/b",
        "expiresAt": "2026-01-01T00:00:00Z",
    }
    notifications = PostgresNotifications(settings, "me", ["nhis"], RealClock())
    event = Event("t", b"patient", json.dumps({"file": reference}).encode(), ())
    await notifications.keep(Notification("nhis", "n-1", "nhis.a.b.v1", b"h" * 32, None, event))
    await notifications.note_published([("nhis", "n-1")])
    await notifications.close()
    told = await erase(settings, b"patient", who="operator", reason="asked for")
    assert (told.submissions, told.notifications, told.files) == (1, 1, 2)
    for gone in (file, noticed):
        assert await store.find(gone.id) is None
    assert await whole(store.read(other.id)) == CONTENT
    keys = await connection.fetch("select data_key is null as gone from file_contents")
    assert sorted(row["gone"] for row in keys) == [False, True, True]


async def test_an_object_is_deleted_when_its_storage_is_back(stores, collector, s3, connection):
    store = stores(**s3.section())
    await store.save(new_file(), chunks_of(CONTENT))
    inner = await stores().save(new_file("inner"), chunks_of(CONTENT))
    collecting = collector(store)
    s3.stop()
    await collected(collecting, days=1.1)
    assert "could not be deleted" in collecting.problem
    assert collecting.backlog.count == 1
    assert await store.find(inner.id) is None  # the other backend's are deleted meanwhile
    assert len(s3.objects) == 1
    s3.start()
    await collected(collecting, days=1.1)
    assert (collecting.problem, collecting.backlog.count, s3.objects) == (None, 0, [])
    assert await left(connection) == (0, 0)
