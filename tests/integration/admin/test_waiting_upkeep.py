"""What people and retention do to a journal with submissions that wait for an answer: nothing is lost or shown."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.integration.journal.test_encryption import KEYS, NAME, PATIENT, encrypted, opened
from tests.support.journal.waits import RECORD, TAKEN, taken, waits
from tests.support.postgres.dump import dump
from tests.support.postgres.journal import PLACE, SOURCE, event, final, received, request, sending
from worker.admin import identity_sql, reconciliation_sql, retention_sql
from worker.admin.erasure import erase
from worker.admin.errors import ActFailed
from worker.admin.past_answers import PastAnswer
from worker.admin.reencryption import reencrypt
from worker.admin.submissions import show_submission
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Finished, State, Waiting

__all__ = ["opened"]

HEALTH = replace(
    RECORD,
    key=PATIENT.encode(),
    value=f"<p id='{PATIENT}'>{NAME}</p>".encode(),
    headers=(("ce_subject", PATIENT.encode()),),
)
SECRET = replace(TAKEN, call={"call": "c-1", "code": "code-4711"}, ready="c-1 code-4711")


async def health_waits(journal, name="s-1", **changes):
    return await waits(journal, name, record=HEALTH, taken=SECRET, **changes)


def is_in(dumped, text):
    return text.encode() in dumped or text.encode().hex().encode() in dumped


async def test_a_dump_shows_neither_the_patient_nor_what_asking_needs(journal_dsn, opened):
    journal = await opened(encrypted(journal_dsn))
    await health_waits(journal, delay=3600.0)
    dumped = dump(journal_dsn)
    digest = hashlib.sha256(b"c-1 code-4711").hexdigest()
    for text in (PATIENT, NAME, "code-4711", digest):
        assert not is_in(dumped, text), text
    assert await journal.hasten("nhis", "c-1 code-4711")
    due = await taken(journal)
    assert (due.record, due.taken) == (HEALTH, SECRET)


async def test_it_is_encrypted_anew_and_a_call_still_finds_it(journal_dsn, opened):
    plain = await opened(JournalSettings(dsn=journal_dsn))
    await health_waits(plain, "plain", delay=3600.0)
    older = await opened(encrypted(journal_dsn, "2025"), "worker-2")
    await waits(older, "older", record=HEALTH, taken=replace(SECRET, ready="c-2"), delay=3600.0)
    after = encrypted(journal_dsn)
    await opened(after, "worker-3")
    done = await reencrypt(after)
    assert (done.unreadable, done.released) == (0, ("2025",))
    assert not is_in(dump(journal_dsn), PATIENT)

    journal = await opened(encrypted(journal_dsn, "2026", {"2026": KEYS["2026"]}), "worker-4")
    for ready in ("c-1 code-4711", "c-2"):
        assert await journal.hasten("nhis", ready)
    found = await journal.take_due("nhis", 10, ())
    assert [one.record for one in found] == [HEALTH, HEALTH]


async def test_one_that_cannot_be_read_does_not_keep_the_others(journal_dsn, opened, connection):
    journal = await opened(encrypted(journal_dsn))
    for name in ("broken", "whole"):
        await health_waits(journal, name)
    await connection.execute(
        "update waiting set record_value = overlay(record_value placing '\\x00' from 40) where id = 'broken'"
    )
    assert (await taken(journal)).ticket.id == "whole"
    assert await journal.take_due("nhis", 10, [(SOURCE, "whole")]) == ()
    assert await connection.fetchval("select owner from submissions where id = 'broken'") is None
    assert isinstance(await journal.claim(request("broken")), Waiting)


@pytest.mark.parametrize("phase", ["ask", "acknowledge"])
async def test_nothing_is_erased_before_the_system_has_answered_and_knows_it(
    journal, journal_dsn, connection, phase
):
    await waits(journal)
    if phase == "acknowledge":
        due = await taken(journal)
        await journal.finish(due.ticket, final(), None)
        await journal.answered(SOURCE, "s-1", 1, PLACE)
        await journal.acknowledge(due.ticket, 60.0)
    settings = JournalSettings(dsn=journal_dsn)
    for force in (False, True):
        with pytest.raises(ActFailed, match="1 submissions or replays of this key are in progress"):
            await erase(settings, b"patient", who="officer", reason="request 12", force=force)
    await connection.execute("delete from waiting")
    if phase == "acknowledge":
        assert (
            await erase(settings, b"patient", who="officer", reason="request 12", force=True)
        ).submissions == 1


async def test_a_reconciliation_ends_what_kafka_has_the_reply_of_and_lets_the_rest_wait(journal, connection):
    names = [(SOURCE, "s-1"), (SOURCE, "s-2"), (SOURCE, "s-3")]
    for name in ("s-1", "s-2"):
        await waits(journal, name, in_doubt=True)
    assert await reconciliation_sql.unknown(connection, names) == {0, 1, 2}
    assert await reconciliation_sql.waiting(connection, names) == {(SOURCE, "s-1"), (SOURCE, "s-2")}
    answer = PastAnswer(State.ACCEPTED, 1, event())
    wanted = {"who": "operator", "reason": "restored"}
    assert await reconciliation_sql.remember(connection, request("s-1"), answer, None, **wanted)
    assert not await reconciliation_sql.remember(connection, request("s-2"), None, None, **wanted)
    assert isinstance(await journal.claim(request("s-1")), Finished)
    assert isinstance(await journal.claim(request("s-2")), Waiting)
    assert (await taken(journal)).ticket.id == "s-2"


async def test_what_is_forgotten_is_forgotten_with_its_acknowledgement(journal, connection):
    await waits(journal)
    due = await taken(journal)
    await journal.sending(due.ticket, sending(2, purpose="ask"), in_doubt=True)
    await journal.finish(due.ticket, final(), received(2))
    await journal.answered(SOURCE, "s-1", 1, PLACE)
    await journal.acknowledge(due.ticket, 60.0)
    later = identity_sql.Forgetting(datetime.now(UTC) + timedelta(days=1), ("nhis",))
    async with connection.transaction():
        assert await identity_sql.forget(connection, later, 10) == 1
    assert await connection.fetchval("select count(*) from waiting") == 0


async def test_retention_keeps_everything_of_what_waits(journal, connection, journal_dsn):
    await waits(journal, delay=3600.0)
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    forgetting = identity_sql.Forgetting(now, ("nhis",))
    await retention_sql.prune(connection, now, now, forgetting)
    (detail,) = await show_submission(JournalSettings(dsn=journal_dsn), "s-1")
    assert detail.attempts[0].request == sending().request
    assert detail.waiting is not None


async def test_the_table_knows_no_other_states(journal, connection):
    await waits(journal)
    for change in ("state = 'asleep'", "finished_at = now()"):
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(f"update submissions set {change}")  # noqa: S608
