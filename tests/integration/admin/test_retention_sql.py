"""Retention on the real journal: what goes, what stays, and that it may be stopped and run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.replies import AcceptedReply, FailedReply, SystemAnswer
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef
from contracts.summaries import RETAINED
from tests.support.postgres.journal import AT, PLACE, SOURCE, dead_letter, received, request, sending
from worker.admin import retention_sql
from worker.admin.identity_sql import Forgetting
from worker.admin.queries import show
from worker.admin.retention_sql import Pruned
from worker.pipeline.ports import Conflict, Event, Final, Finished, State

NOW = datetime.now(UTC)
LONG_AGO, LATELY = AT, NOW - timedelta(days=1)
BEFORE = NOW - timedelta(days=30)
FORGETTING = Forgetting(BEFORE, ("nhis",))
SECRET = b"Radka"


def reply(name: str, *, accepted: bool = True) -> Event:
    answer = SystemAnswer(status=200, body=SECRET.decode())
    common = {"system": "nhis", "operation": "immunization.register", "answer": answer}
    said = (
        AcceptedReply(**common, data={"nrn": "25073B00Q1X3", "results": [SECRET.decode()]})
        if accepted
        else FailedReply(**common, code="retries-exhausted", message=SECRET.decode())
    )
    answered = SubmissionRef(SOURCE, name, "nhis.immunization.register.v1")
    message = reply_event(answered, said, revision=1, at=AT)
    return Event("results", b"key", message.value, message.headers)


async def ended(
    journal, name: str, *, at: datetime = LONG_AGO, answered: bool = True, letter: str | None = None
):
    claimed = await journal.claim(request(name))
    url = f"https://nhis.test/v1/{SECRET.decode()}?q={SECRET.decode()}"
    await journal.sending(claimed.ticket, sending(message_id=f"m-{name}", url=url), in_doubt=True)
    died = dead_letter(letter, submission_id=name) if letter else None
    state = State.FAILED if letter else State.ACCEPTED
    final = Final(state, reply(name, accepted=letter is None), died, at)
    await journal.finish(claimed.ticket, final, received(message_id=f"m-{name}"))
    if answered:
        await journal.answered(SOURCE, name, 1, PLACE)
        await journal._writer.flush()


async def evidence(connection, name: str) -> tuple[bool, bool]:
    """Whether there is evidence, and whether the reply is whole."""
    (detail,) = await show(connection, name)
    return detail.attempts[0].request is not None, SECRET in (detail.reply.value or b"")


async def test_bytes_go_and_identity_and_outcome_stay(journal, connection):
    await ended(journal, "old")
    assert await retention_sql.due(connection, BEFORE, BEFORE) == Pruned(1, 0, 1)
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(1, 0, 1)
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned()
    assert await evidence(connection, "old") == (False, False)
    rows = await connection.fetch("select * from submissions s join attempts a using (source, id)")
    assert SECRET.decode() not in str(rows)
    assert rows[0]["url"] == "https://nhis.test"

    found = await journal.claim(request("old"))
    assert isinstance(found, Finished)
    assert (found.state, found.answered) == (State.ACCEPTED, True)
    assert (RETAINED, b"summary") in found.reply.headers
    assert b"25073B00Q1X3" in found.reply.value
    assert dict(found.reply.headers)["ce_id"] == dict(reply("old").headers)["ce_id"]
    assert await journal.claim(request("old")) == found
    assert await journal.claim(request("old", content_hash=b"other")) == Conflict()


@pytest.mark.parametrize("case", ["lately", "unanswered", "open", "held"])
async def test_what_is_still_needed_stays(journal, connection, case):
    await ended(
        journal,
        case,
        at=LATELY if case == "lately" else LONG_AGO,
        answered=case != "unanswered",
        letter="d-1" if case in ("open", "held") else None,
    )
    if case == "held":  # nobody ever knew its outcome; that its dead letter was discarded changes nothing
        await connection.execute("update submissions set state = 'held', in_doubt = true")
        await connection.execute("update dead_letters set state = 'discarded'")
    assert await retention_sql.due(connection, BEFORE, BEFORE, FORGETTING) == Pruned()
    assert await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING) == Pruned()
    assert await evidence(connection, case) == (True, True)
    assert await connection.fetchval("select count(*) from dead_letters where removed_at is not null") == 0


async def test_what_is_in_work_stays(journal, connection):
    claimed = await journal.claim(request("at work", received_at=LONG_AGO))
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned()


async def test_a_dead_letter_that_is_dealt_with_goes_with_its_submission(journal, connection):
    await ended(journal, "dead", letter="d-1")
    await connection.execute("update dead_letters set state = 'discarded'")
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(1, 1, 1)
    row = await connection.fetchrow("select event_value, event_key, reason, removed_at from dead_letters")
    assert row["event_value"] is None
    assert row["event_key"] is not None
    assert row["removed_at"] is not None


async def test_replies_may_be_kept_longer(journal, connection):
    await ended(journal, "old")
    assert await retention_sql.prune(connection, BEFORE, LONG_AGO - timedelta(days=1)) == Pruned(1, 0, 0)
    assert await evidence(connection, "old") == (False, True)


async def test_a_row_that_a_worker_holds_is_left_for_the_next_time(
    journal, connection, open_journal, journal_dsn
):
    import asyncpg

    await ended(journal, "held by a worker")
    await ended(journal, "free")
    worker = await asyncpg.connect(journal_dsn)
    async with worker.transaction():
        await worker.execute("select from submissions where id = 'held by a worker' for no key update")
        assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(1, 0, 1)
    await worker.close()
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(1, 0, 1)


async def test_more_than_a_batch_goes_in_several(journal, connection, monkeypatch):
    monkeypatch.setattr(retention_sql, "BATCH", 2)
    for number in range(5):
        await ended(journal, f"s-{number}")
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(5, 0, 5)


async def test_a_dead_letter_that_kafka_may_not_have_keeps_its_value(journal, connection):
    await ended(journal, "dead", letter="d-1", answered=False)
    await connection.execute("update dead_letters set state = 'discarded'")
    assert await retention_sql.due(connection, BEFORE, BEFORE) == Pruned()
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned()
    found = await journal.claim(request("dead"))
    assert found.dead_letter.value is not None


async def test_a_reply_that_cannot_be_read_stays_and_keeps_no_other(journal, connection, monkeypatch):
    monkeypatch.setattr(retention_sql, "BATCH", 1)
    for name in ("a", "b", "c"):
        await ended(journal, name)
    await connection.execute("update submissions set reply_value = 'no JSON' where id = 'b'")
    assert await retention_sql.prune(connection, BEFORE, BEFORE) == Pruned(3, 0, 2, unreadable=1)
    assert await connection.fetchval("select reply_value from submissions where id = 'b'") == b"no JSON"


async def test_places_of_duplicates_are_forgotten(journal, connection):
    await ended(journal, "old")
    for offset, days in ((50, 4000), (51, 0)):
        await journal.answered(SOURCE, "old", 1, replace(PLACE, offset=offset))
        await connection.execute(
            "update answered_records set answered_at = answered_at - make_interval(days => $1)"
            " where record_offset = $2",
            days,
            offset,
        )
    await retention_sql.prune(connection, BEFORE, BEFORE)
    assert [row[0] for row in await connection.fetch("select record_offset from answered_records")] == [51]


async def test_what_is_forgotten_is_as_if_it_had_never_come(journal, connection, monkeypatch):
    monkeypatch.setattr(retention_sql, "BATCH", 2)
    for name in ("a", "b", "c"):
        await ended(journal, name)
        await connection.execute("update submissions set received_at = $1", LONG_AGO)
    await ended(journal, "dead", letter="d-1")
    await connection.execute("update dead_letters set state = 'discarded'")
    await ended(journal, "new", at=LATELY)
    assert (await retention_sql.due(connection, BEFORE, BEFORE, FORGETTING)).identities == 4
    assert await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING) == Pruned(identities=4)
    assert [row[0] for row in await connection.fetch("select id from submissions")] == ["new"]
    assert [row[0] for row in await connection.fetch("select id from attempts")] == ["new"]
    assert await connection.fetchval("select count(*) from dead_letters") == 0
    again = await journal.claim(request("a"))
    assert (again.attempts, again.revision) == (0, 1)


async def test_a_submission_with_an_open_conflict_is_not_forgotten(journal, connection):
    await ended(journal, "old")
    await journal.park(dead_letter("d-2", submission_id="old", reason="conflict"), LONG_AGO)
    assert (await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING)).identities == 0
    await connection.execute("update dead_letters set state = 'discarded'")
    assert (await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING)).identities == 1


async def test_only_systems_that_are_named_are_forgotten(journal, connection):
    await ended(journal, "ours")
    await ended(journal, "theirs")
    await connection.execute("update submissions set system = 'rnu' where id = 'theirs'")
    await journal.park(dead_letter("d-1", source=None, submission_id=None), LONG_AGO)
    await connection.execute("update dead_letters set state = 'discarded', system = 'rnu'")
    assert (await retention_sql.due(connection, BEFORE, BEFORE, FORGETTING)).identities == 1
    assert (await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING)).identities == 1
    assert [row[0] for row in await connection.fetch("select id from submissions")] == ["theirs"]
    assert await connection.fetchval("select count(*) from dead_letters") == 1


async def test_dead_letters_of_unreadable_records_are_forgotten_too(journal, connection):
    for name in ("d-1", "d-2"):
        await journal.park(dead_letter(name, source=None, submission_id=None), LONG_AGO)
    await connection.execute("update dead_letters set state = 'discarded' where id = 'd-1'")
    await retention_sql.prune(connection, BEFORE, BEFORE, FORGETTING)
    assert [row[0] for row in await connection.fetch("select id from dead_letters")] == ["d-2"]
