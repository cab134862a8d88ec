"""What the journal counts for the metrics, and that it costs no more when the journal is large."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.postgres.journal import AT, RealClock, dead_letter, final, request
from worker.journal import figures
from worker.journal.figures import SystemFigures, read_figures
from worker.journal.settings import JournalSettings
from worker.measuring.journal import JournalFigures
from worker.observability.metrics import declared
from worker.pipeline.ports import State

ANSWERED = """
insert into submissions (source, id, type, system, operation, signer, identity, content_hash, key_digest, record_topic,
    record_partition, record_offset, received_at, state, finished_at, reply_topic, reply_headers, answered)
select 'urn:h', 'many-' || n, 't', 'nhis', 'o', 's', 'i-' || n, '', '', 'topic', 0, n, now(), 'accepted', now(), 'r',
    '{}', true
from generate_series(1, 30000) n
"""


async def test_an_empty_journal_has_its_migrations_and_nothing_else(connection):
    found = await read_figures(connection)
    assert found.systems == {}
    assert found.schema_version >= 5
    now = datetime.now(UTC).timestamp()
    assert abs(found.clock - now) < 5
    assert found.clock - found.migrated_at >= 0


async def test_what_is_unanswered_and_what_is_held_is_counted_by_system(journal, connection):
    now = datetime.now(UTC)
    await journal.claim(request("old", received_at=now - timedelta(hours=2)))
    await journal.claim(request("new", received_at=now))
    held = await journal.claim(request("held", received_at=now - timedelta(days=3)))
    letter = dead_letter()
    await journal.finish(held.ticket, replace(final(), state=State.HELD, dead_letter=letter, at=now), None)
    accepted = await journal.claim(request("accepted"))
    await journal.finish(accepted.ticket, final(), None)
    await journal.park(replace(letter, id="parked", system="erx"), AT)

    found = (await read_figures(connection)).systems
    assert found["nhis"].unanswered == 2
    assert 7200 <= found["nhis"].unanswered_age < 7300
    assert found["nhis"].held == 1
    assert 0 <= found["nhis"].held_age < 60, "since it was held, not since it was taken"
    assert found["nhis"].letters_open == 1
    assert found["erx"] == SystemFigures(letters_open=1)


@pytest.mark.parametrize(
    ("query", "index"),
    [("_SUBMISSIONS", "unaccepted_by_kind"), ("_LETTERS", "dead_letters_unfinished")],
)
async def test_the_queries_read_what_is_unfinished_by_its_index(connection, query, index):
    await connection.execute(ANSWERED)
    await connection.execute("analyze submissions; analyze dead_letters")
    if query == "_LETTERS":  # the planner reads an empty table as a whole
        await connection.execute("set enable_seqscan = off")
    rows = await connection.fetch(f"explain {getattr(figures, query)}")
    plan = "\n".join(row[0] for row in rows)
    assert index in plan, plan
    assert "Seq Scan" not in plan


def _readings(found: JournalFigures) -> dict[str, float]:
    return {metric.name: value for metric, labels, value in found.readings() if labels in ((), ("nhis",))}


async def test_a_reading_grows_older_and_is_absent_after_three_intervals(settings, journal):
    class Later(RealClock):
        ahead = 0.0

        def monotonic(self) -> float:
            return super().monotonic() + self.ahead

    clock = Later()
    await journal.claim(request("old", received_at=datetime.now(UTC) - timedelta(hours=1)))
    found = JournalFigures(settings, ["nhis"], clock, interval=15)
    assert list(found.readings()) == []
    await found.read()
    try:
        age = _readings(found)[declared.UNANSWERED_AGE.name]
        clock.ahead = 44
        assert 43 < _readings(found)[declared.UNANSWERED_AGE.name] - age < 46
        clock.ahead = 46
        assert set(_readings(found)) == {declared.JOURNAL_READ.name}
        await found.read()
        assert declared.HELD.name in _readings(found)
    finally:
        await found.close()


async def test_an_unavailable_journal_is_no_error_and_not_connected():
    found = JournalFigures(
        JournalSettings(dsn="postgresql://h@127.0.0.1:1/none"), ["nhis"], RealClock(), interval=15
    )
    await asyncio.wait_for(found.read(), 10)
    assert not found.connected
    assert list(found.readings()) == []
