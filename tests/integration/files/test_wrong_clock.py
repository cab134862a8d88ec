"""A clock that is ahead, for a moment or for long, removes nothing before its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.files.stores import OWNER, chunks_of, new_file, whole
from tests.support.postgres.journal import RealClock, final, request
from worker.admin.retention import Retention, preview_prune, prune
from worker.admin.retention_sql import Pruned
from worker.admin.scheduled_retention import ScheduledRetention
from worker.files.collecting import FilesCollector
from worker.files.counts import FileCounts
from worker.journal.settings import RetentionSettings

YEARS = timedelta(days=5000)
CONTENT = b"a certificate of nobody"


class Ahead(RealClock):
    def now(self):
        return datetime.now(UTC) + YEARS


@pytest.fixture
async def ended(stores, journal):
    """A submission that ended, and a file of another one."""
    store = stores()
    claimed = await journal.claim(request("s-1"))
    await journal.finish(claimed.ticket, final(at=datetime.now(UTC)), None)
    await journal.answered(OWNER.source, "s-1", 1, request("s-1").place)
    return store, await store.save(new_file(), chunks_of(CONTENT))


async def test_the_collector_removes_no_file(ended, settings):
    store, file = ended
    collector = FilesCollector(settings, store.backends, Ahead(), 30, FileCounts())
    await collector.collect_if_leading()
    assert collector.leads
    await collector.close()
    assert await whole(store.read(file.id)) == CONTENT


async def test_retention_removes_and_forgets_nothing(ended, settings, connection):
    retention = RetentionSettings(enabled=True, evidence_days=1, reply_days=2, identity_days=3)
    settings = settings.model_copy(update={"retention": retention})

    async def allowed(_days):
        return None

    schedule = ScheduledRetention(settings, Ahead(), allowed, ["nhis"])
    await schedule.prune_if_leading()
    await schedule.close()
    assert (schedule.leads, schedule.removed) == (True, Pruned())
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert await connection.fetchval("select to_regclass($1)", f"evidence_{tomorrow:%Y%m%d}") is not None
    now = Ahead().now()
    for act in (preview_prune, prune):
        assert await act(settings, Retention(1, 2, 3), now, ["nhis"]) == Pruned()
    assert await connection.fetchval("select count(*) from submissions where not summarized") == 1
