"""What the sizes of docs/sizing.md are read from: the journal of a worker that has answered submissions."""

from __future__ import annotations

from tests.bench.footprint import after_retention, mean_bytes, stored
from tests.bench.kinds import registrations
from tests.support.worker.installation import serving

MANY = 5


async def test_reads_what_submissions_take_before_and_after_retention(kafka, journal_dsn, sandbox, tmp_path):
    kind = registrations(kafka.bootstrap, journal_dsn, tmp_path, sandbox)
    made, events = kind.installation, kind.events(MANY)
    config = made.config()
    empty = await stored(journal_dsn)
    async with made.reading() as answers, serving(config):
        await made.publish(*events)
        await answers.answered(one.id for one in events)
        await made.all_committed()

    means, full = await mean_bytes(journal_dsn), await stored(journal_dsn)
    kept = await after_retention(journal_dsn, config)

    assert means["message"] > 1_000
    assert all(value > 0 for value in means.values()), means
    assert full.log > empty.log
    assert full.tables > kept
    assert kept > 0
