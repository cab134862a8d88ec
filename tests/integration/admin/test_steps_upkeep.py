"""What people and commands do to submissions that have come to a step: nothing is shown, lost or left."""

from __future__ import annotations

import pytest

from tests.integration.admin.test_settlement import NOT_THERE, THERE, settled
from tests.integration.journal.test_encryption import KEYS, NAME, PATIENT, encrypted, opened
from tests.support.journal.world import claimed, sent
from tests.support.postgres.dump import dump
from tests.support.postgres.journal import (
    PLACE,
    SOURCE,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.admin import reconciliation_sql
from worker.admin.erasure import erase
from worker.admin.past_answers import PastAnswer
from worker.admin.reencryption import reencrypt
from worker.admin.submissions import show_submission
from worker.journal.errors import JournalFault
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed, Event, Schedule, State

__all__ = ["opened"]

LEFT = {"blob": "b-1", "name": f"{NAME}, {PATIENT}"}


async def uploaded(journal, name="s-1"):
    held = await sent(journal, name, in_doubt=False, step="upload-1", message_id=f"{name}-1")
    answer = received(outcome="advanced", message_id=f"{name}-1", body=b"b-1")
    await journal.received(held.ticket, answer, in_doubt=False, schedule=Schedule(), progress=LEFT)
    return held


async def held_at_sending(journal, name="s-1"):
    claim = await uploaded(journal, name)
    await journal.sending(claim.ticket, sending(2, step="send", message_id=f"{name}-2"), in_doubt=True)
    reply, letter = event(value=b'{"code":"outcome-unknown"}'), dead_letter(submission_id=name)
    await journal.finish(claim.ticket, final(State.HELD, reply=reply, dead_letter=letter), None)
    await journal.answered(SOURCE, name, 1, PLACE)


def is_in(dumped, text):
    return text.encode() in dumped or text.encode().hex().encode() in dumped


async def progress_of(connection, name="s-1"):
    return await connection.fetchval("select progress from submissions where id = $1", name)


async def test_a_dump_of_an_encrypted_journal_shows_nothing_of_it(journal_dsn, opened):
    journal = await opened(encrypted(journal_dsn))
    await uploaded(journal)
    dumped = dump(journal_dsn)
    for text in (PATIENT, NAME, NAME.encode("unicode-escape").decode()):
        assert not is_in(dumped, text), text
    assert (await claimed(journal)).progress == LEFT


async def test_it_is_encrypted_anew(journal_dsn, opened):
    plain = await opened(JournalSettings(dsn=journal_dsn))
    await uploaded(plain, "plain")
    await plain.close(1)
    older = await opened(encrypted(journal_dsn, "2025"), "worker-2")
    await uploaded(older, "older")
    await older.close(1)
    after = encrypted(journal_dsn)
    await opened(after, "worker-3")
    done = await reencrypt(after)
    assert (done.unreadable, done.released) == (0, ("2025",))
    assert not is_in(dump(journal_dsn), PATIENT)

    journal = await opened(encrypted(journal_dsn, "2026", {"2026": KEYS["2026"]}), "worker-4")
    for name in ("plain", "older"):
        assert (await claimed(journal, name)).progress == LEFT


async def test_progress_that_was_changed_or_moved_is_refused_and_stops_no_other(
    journal_dsn, opened, connection
):
    journal = await opened(encrypted(journal_dsn))
    for name in ("one", "two", "three"):
        await uploaded(journal, name)
    await connection.execute(
        "update submissions set progress = (select progress from submissions where id = 'one') where id = 'two'"
    )
    with pytest.raises(JournalFault):
        await journal.claim(request("two"))
    assert (await claimed(journal, "three")).progress == LEFT


async def test_an_erasure_by_force_leaves_nothing_of_it(journal, journal_dsn, connection):
    await held_at_sending(journal)
    assert await progress_of(connection) is not None
    await erase(JournalSettings(dsn=journal_dsn), b"patient", who="officer", reason="request 12", force=True)
    assert await progress_of(connection) is None


@pytest.mark.parametrize("found", [THERE, NOT_THERE], ids=["there", "not there"])
async def test_a_settlement_ends_the_steps(journal, connection, found):
    await held_at_sending(journal)
    await settled(connection, found)
    assert await progress_of(connection) is None


@pytest.mark.parametrize("before", ["unknown", "in progress"])
async def test_what_a_restored_journal_does_not_know_the_end_of_may_have_done_every_step(
    journal, connection, before
):
    if before == "in progress":
        await uploaded(journal)
        await connection.execute("update submissions set owner = 'gone'")
    named = {"who": "operator", "reason": "restored"}
    assert await reconciliation_sql.remember(connection, request("s-1"), None, None, **named)
    found = await journal.claim(request("s-1"))
    assert isinstance(found, Claimed)
    assert (found.forgotten, found.in_doubt) == (True, True)
    assert found.progress == (LEFT if before == "in progress" else {})
    # The mark goes with the end.
    await journal.finish(found.ticket, final(), None)
    assert await connection.fetchval("select forgotten from submissions") is False


async def test_what_kafka_has_the_reply_of_has_no_steps_left(journal, connection):
    await uploaded(journal)
    await connection.execute("update submissions set owner = 'gone'")
    reply = Event("results", b"key", b"{}", (("ce_time", b"2026-03-01T09:30:00Z"),))
    named = {"who": "operator", "reason": "restored"}
    answer = PastAnswer(State.ACCEPTED, 1, reply)
    assert await reconciliation_sql.remember(connection, request("s-1"), answer, None, **named)
    row = await connection.fetchrow("select progress, forgotten from submissions")
    assert tuple(row) == (None, False)


async def test_operators_see_the_step_of_each_attempt(journal, journal_dsn):
    await held_at_sending(journal)
    (detail,) = await show_submission(JournalSettings(dsn=journal_dsn), "s-1")
    assert [(one.purpose, one.step) for one in detail.attempts] == [
        ("submit", "upload-1"),
        ("submit", "send"),
    ]
