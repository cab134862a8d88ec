"""Evidence goes by the day: a drop writes to no submission, and what is still needed survives it, wherever it lies."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from tests.integration.journal.test_encryption import BODY, EVENT, encrypted
from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.evidence import (
    DAY,
    PLACES,
    after_writing,
    before_writing,
    make_day,
    places,
)
from tests.support.postgres.journal import (
    AT,
    PLACE,
    SOURCE,
    RealClock,
    dead_letter,
    final,
    received,
    request,
    sending,
)
from worker.admin import retention_sql
from worker.admin.erasure import Erased, erase
from worker.admin.evidence import evidence_of
from worker.admin.identity_sql import Forgetting
from worker.admin.queries import each_submission, show
from worker.admin.reencryption import Reencrypted, reencrypt
from worker.admin.retention_sql import Pruned
from worker.admin.submissions import show_submission
from worker.admin.views import SubmissionFilter
from worker.journal.evidence_days import days
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Schedule, State

LIMIT = datetime(2026, 3, 2, tzinfo=UTC)
"""As soon as the day of `AT` is over."""
REPLIES = AT - timedelta(days=1)
"""No reply is so old: only evidence is removed here."""


async def sent(journal, name, **changes):
    claimed = await journal.claim(request(name))
    await journal.sending(claimed.ticket, sending(message_id=f"m-{name}", **changes), in_doubt=True)
    return claimed.ticket


async def ended(journal, name, state=State.ACCEPTED, *, at=AT, letter=None, answered=True):
    ticket = await sent(journal, name)
    dead = letter and dead_letter(letter, submission_id=name)
    end = final(state, at=at, dead_letter=dead)
    await journal.finish(ticket, end, received(message_id=f"m-{name}"))
    if answered:
        await journal.answered(SOURCE, name, 1, PLACE)
    await journal._writer.flush()


async def prune(connection, limit=LIMIT):
    return await retention_sql.prune(connection, limit, REPLIES)


async def test_a_drop_removes_a_day_and_writes_to_no_submission(journal, connection):
    await make_day(connection, count=2)
    for name in ("a", "b", "c"):
        await ended(journal, name)
    rows = (
        "select xmin::text, ctid::text from submissions union all select xmin::text, ctid::text from attempts"
    )
    before = await connection.fetch(rows)
    assert await retention_sql.due(connection, LIMIT, REPLIES) == Pruned(evidence=3)
    assert await prune(connection) == Pruned(evidence=3, days=1)
    assert await connection.fetch(rows) == before
    assert DAY not in await days(connection)
    assert date(2026, 3, 2) in await days(connection)
    assert await prune(connection) == await retention_sql.due(connection, LIMIT, REPLIES) == Pruned()

    (detail,) = await show(connection, "a")
    (attempt,) = detail.attempts
    assert (attempt.request, attempt.answer, attempt.url) == (None, None, "https://nhis.test")
    assert (attempt.status, attempt.outcome, attempt.sent_at) == (200, "accepted", AT)
    dropped_at = await connection.fetchval("select dropped_at from evidence_drops where day = $1", DAY)
    assert evidence_of(detail).removed_at == dropped_at
    listed = [row async for row in each_submission(connection, SubmissionFilter())]
    assert {row.evidence_removed_at for row in listed} == {dropped_at}


async def test_a_day_of_which_an_hour_is_still_to_be_kept_stays(journal, connection):
    await make_day(connection)
    await ended(journal, "a")
    assert await prune(connection, LIMIT - timedelta(hours=1)) == Pruned()
    assert await places(connection) == {"evidence_20260301": 2}


async def needed(journal, connection, case):
    if case == "in work":
        ticket = await sent(journal, case)
        await journal.received(ticket, received(message_id=f"m-{case}"), in_doubt=True, schedule=Schedule())
        return
    if case == "past midnight":
        await ended(journal, case, at=LIMIT + timedelta(seconds=1))
        return
    state = {"held": State.HELD, "open": State.FAILED}.get(case, State.ACCEPTED)
    letter = "d-1" if case in ("held", "open") else None
    await ended(journal, case, state, letter=letter, answered=case != "unanswered")
    if case == "held":  # nobody ever knew its outcome; that its dead letter was discarded changes nothing
        await connection.execute("update dead_letters set state = 'discarded'")


@pytest.mark.parametrize("case", ["held", "open", "unanswered", "in work", "past midnight"])
async def test_what_is_still_needed_survives_the_drop_to_the_byte(journal, connection, case):
    await make_day(connection)
    await ended(journal, "other")
    await needed(journal, connection, case)
    assert await retention_sql.due(connection, LIMIT, REPLIES) == Pruned(evidence=1)
    assert await prune(connection) == Pruned(evidence=1, days=1, kept=1)
    assert await places(connection) == {"evidence_kept": 2}
    (detail,) = await show(connection, case)
    assert evidence_of(detail).removed_at is None
    (attempt,) = detail.attempts
    assert (attempt.request, attempt.answer) == (sending().request, received().body)
    assert (attempt.url, attempt.request_headers) == (sending().url, sending().headers)
    assert attempt.answer_headers == received().headers


async def test_what_was_kept_goes_when_it_is_needed_no_more(journal, connection, monkeypatch):
    monkeypatch.setattr(retention_sql, "BATCH", 1)
    await make_day(connection)
    for name in ("a", "b", "c"):
        await ended(journal, name, State.FAILED, letter=f"d-{name}")
    assert await prune(connection) == Pruned(days=1, kept=3)
    await connection.execute("update dead_letters set state = 'discarded' where id <> 'd-b'")
    assert (await prune(connection)).evidence == 2
    assert await places(connection) == {"evidence_kept": 2}
    removed = {
        row.id: row.evidence_removed_at async for row in each_submission(connection, SubmissionFilter())
    }
    dropped_at = await connection.fetchval("select dropped_at from evidence_drops")
    assert removed["b"] is None
    assert min(removed["a"], removed["c"]) > dropped_at


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_shown_and_removed_wherever_it_lies(journal, connection, place):
    await before_writing(connection, place)
    await ended(journal, "a")
    await after_writing(connection, place)
    (detail,) = await show(connection, "a")
    (attempt,) = detail.attempts
    assert (attempt.request, attempt.answer) == (sending().request, received().body)
    assert (attempt.url, attempt.request_headers) == (sending().url, sending().headers)
    assert attempt.answer_headers == received().headers
    assert [len(file.content) for file in evidence_of(detail).files[:2]] == [
        len(sending().request),
        len(received().body),
    ]
    assert await retention_sql.due(connection, LIMIT, REPLIES) == Pruned(evidence=1)
    assert (await prune(connection)).evidence == 1
    assert await places(connection) == {}
    (detail,) = await show(connection, "a")
    assert detail.attempts[0].request is None
    assert detail.attempts[0].url == "https://nhis.test"
    assert evidence_of(detail).removed_at is not None


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_erased_wherever_it_lies(journal, journal_dsn, connection, place):
    await before_writing(connection, place)
    await ended(journal, "a")
    await after_writing(connection, place)
    erased = await erase(JournalSettings(dsn=journal_dsn), b"patient", who="officer", reason="asked")
    assert erased == Erased(1, 0, 0)
    assert await places(connection) == {}
    assert await connection.fetchval("select url from attempts") == "https://nhis.test"


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_encrypted_anew_wherever_it_lies_and_opens_where_it_was_moved_to(
    journal_dsn, connection, place
):
    await before_writing(connection, place)
    older, newer = encrypted(journal_dsn, "2025"), encrypted(journal_dsn)
    journal = await PostgresJournal.open(older, "worker-1", RealClock())
    ticket = await sent(journal, "a", request=BODY)
    end = final(State.HELD, reply=EVENT)
    await journal.finish(ticket, end, received(message_id="m-a", body=BODY))
    await journal.answered(SOURCE, "a", 1, PLACE)
    await journal.close()
    await after_writing(connection, place)
    journal = await PostgresJournal.open(newer, "worker-2", RealClock())
    rows = 1 if place == "before" else 2
    assert await reencrypt(newer) == Reencrypted(1 + rows, 0, ("2025",))
    await journal.close()
    if place == "day":
        assert await prune(connection) == Pruned(days=1, kept=1)
        assert await places(connection) == {"evidence_kept": 2}
    (detail,) = await show_submission(newer, "a")
    (attempt,) = detail.attempts
    assert (attempt.request, attempt.answer, attempt.url) == (BODY, BODY, sending().url)
    assert (attempt.request_headers, attempt.answer_headers) == (sending().headers, received().headers)


@pytest.mark.parametrize("place", PLACES)
async def test_what_is_forgotten_leaves_no_bytes(journal, connection, place):
    await before_writing(connection, place)
    await ended(journal, "a")
    await after_writing(connection, place)
    pruned = await retention_sql.prune(connection, LIMIT, LIMIT, Forgetting(LIMIT, ("nhis",)))
    assert (pruned.identities, await places(connection)) == (1, {})


@pytest.mark.parametrize("place", ["day", "default", "kept"])
async def test_what_the_version_before_forgot_leaves_no_bytes(journal, connection, place):
    await before_writing(connection, place)
    await ended(journal, "a")
    await after_writing(connection, place)
    await connection.execute("delete from attempts; delete from submissions")
    assert (await prune(connection)).kept == 0
    assert await places(connection) == {}


async def test_a_transaction_that_reads_for_long_postpones_the_drop_and_keeps_no_worker(
    journal, connection, journal_dsn
):
    await make_day(connection, count=3)
    await ended(journal, "a")
    await ended(journal, "held", State.HELD)
    reader = await asyncpg.connect(journal_dsn)
    async with reader.transaction():
        await reader.fetch("select from evidence")
        began = time.monotonic()
        pruning = asyncio.create_task(prune(connection, LIMIT + timedelta(days=2)))
        claims = 0
        while not pruning.done():
            await sent(journal, f"new-{claims}", at=datetime.now(UTC))
            claims += 1
        assert await pruning == Pruned(postponed=3)
        assert time.monotonic() - began < 10
        assert claims > 0
        assert "evidence_kept" not in await places(connection)
    await reader.close()
    assert await prune(connection, LIMIT + timedelta(days=2)) == Pruned(evidence=1, days=3, kept=1)


async def test_the_command_says_what_it_dropped_and_kept_and_what_has_to_wait(
    journal, journal_dsn, connection, tmp_path
):
    await make_day(connection, count=2)
    await ended(journal, "a")
    await ended(journal, "held", State.HELD)
    run = beside(settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    command = ("journal", "prune", "--evidence-days", "30", "--reply-days", "3000")
    assert "Would remove the evidence of 1 submission" in (await run(*command, "--dry-run")).err
    reader = await asyncpg.connect(journal_dsn)
    async with reader.transaction():
        await reader.fetch("select from evidence")
        waits = await run(*command)
    await reader.close()
    assert waits.code == 0
    assert "Evidence of 2 days stays: another transaction, such as a backup, uses its tables." in waits.err
    done = await run(*command)
    assert done.code == 0
    assert "Removed the evidence of 1 submission" in done.err
    assert "Dropped 2 days of evidence; that of 1 submission is still needed and kept." in done.err
    assert "stays" not in done.err
    shown = await run("submissions", "show", "a")
    assert f"removed by retention {datetime.now(UTC):%Y-%m-%d}" in shown.out


async def test_two_that_prune_at_the_same_time_remove_everything_once(journal, connection, journal_dsn):
    await make_day(connection, count=5)
    for number in range(5):
        ticket = await sent(journal, f"s-{number}", at=AT + timedelta(days=number))
        await journal.finish(ticket, final(), received(message_id=f"m-s-{number}"))
        await journal.answered(SOURCE, f"s-{number}", 1, PLACE)
    other = await asyncpg.connect(journal_dsn)
    limit, total = LIMIT + timedelta(days=4), Pruned()
    for pruning in ((connection, other), (connection, other), (connection,)):
        for one in await asyncio.gather(*(prune(each, limit) for each in pruning)):
            total = replace(total, evidence=total.evidence + one.evidence, days=total.days + one.days)
    await other.close()
    assert total == Pruned(evidence=5, days=5)
    assert await places(connection) == {}


async def test_an_answer_that_comes_after_its_day_was_dropped_is_kept(journal, connection):
    await make_day(connection)
    ticket = await sent(journal, "a")
    assert await prune(connection) == Pruned(days=1, kept=1)
    await journal.finish(ticket, final(), received(message_id="m-a"))
    assert await places(connection) == {"evidence_default": 1, "evidence_kept": 1}
    (detail,) = await show(connection, "a")
    (attempt,) = detail.attempts
    assert (attempt.request, attempt.answer) == (sending().request, received().body)


async def test_days_are_made_and_dropped_while_a_worker_writes(journal, connection):
    await make_day(connection, date(2026, 1, 1), 40)
    done, slowest = asyncio.Event(), 0.0

    async def lane(number):
        nonlocal slowest
        count = 0
        while not done.is_set():
            began, name = time.monotonic(), f"s-{number}-{count}"
            at = datetime(2026, 1, 20 + count % 30 // 3, tzinfo=UTC) if count % 2 else datetime.now(UTC)
            ticket = await sent(journal, name, at=at)
            await journal.finish(ticket, final(), received(message_id=f"m-{name}"))
            await journal.answered(SOURCE, name, 1, PLACE)
            slowest, count = max(slowest, time.monotonic() - began), count + 1
        return count

    lanes = [asyncio.create_task(lane(number)) for number in range(4)]
    dropped = 0
    for day in range(2, 20):
        pruned = await prune(connection, datetime(2026, 1, day, tzinfo=UTC))
        dropped += pruned.days
        await make_day(connection, date(2026, 6, 1) + timedelta(days=day))
        assert pruned.postponed <= 1
    done.set()
    counts = await asyncio.gather(*lanes)
    assert dropped == 18 - (date(2026, 1, 19) - (await days(connection))[0]).days
    assert min(counts) > 0
    assert slowest < 2
    rows = await connection.fetchval("select count(*) from evidence") + await connection.fetchval(
        "select count(*) from evidence_kept"
    )
    assert rows == 2 * sum(counts)
