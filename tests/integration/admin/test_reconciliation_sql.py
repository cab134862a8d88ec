"""What a reconciliation writes into the journal: what was forgotten, and nothing that a running worker has."""

from __future__ import annotations

import pytest

from tests.support.postgres.journal import SOURCE, dead_letter, request
from worker.admin import reconciliation_sql
from worker.admin.audit_log import newest_entries
from worker.admin.past_answers import PastAnswer
from worker.admin.queries import show
from worker.pipeline.ports import Claimed, Event, Finished, State

REPLY = Event("errors", b"key", b'{"code": "access-denied"}', (("ce_time", b"2026-03-01T09:30:00Z"),))
FAILED = PastAnswer(State.FAILED, 1, REPLY)


async def remember(connection, name, answer=None, letter=None):
    return await reconciliation_sql.remember(
        connection, request(name), answer, letter, who="operator", reason="restored"
    )


async def test_what_a_running_worker_has_is_not_forgotten(journal, connection):
    assert isinstance(await journal.claim(request("s-1")), Claimed)
    assert await reconciliation_sql.unknown(connection, [(SOURCE, "s-1"), (SOURCE, "s-2")]) == {1}
    assert not await remember(connection, "s-1")
    # The restored journal has it as a worker's that is gone.
    await connection.execute("update submissions set owner = 'gone' where id = 's-1'")
    assert await reconciliation_sql.unknown(connection, [(SOURCE, "s-1"), (SOURCE, "s-2")]) == {0, 1}
    assert await remember(connection, "s-1")
    assert await reconciliation_sql.unknown(connection, [(SOURCE, "s-1")]) == set()


@pytest.mark.parametrize("before", ["unknown", "in progress"])
async def test_a_failed_one_has_its_dead_letter_again(journal, connection, settings, before):
    if before == "in progress":
        await journal.claim(request("s-1"))
        await connection.execute("update submissions set owner = 'gone'")
    letter = dead_letter("d-1", submission_id="s-1")
    assert await remember(connection, "s-1", FAILED, letter)
    (detail,) = await show(connection, "s-1")
    assert (detail.submission.state, detail.submission.dead_letter_id) == (State.FAILED, "d-1")
    assert detail.dead_letter.state == "open"
    row = await connection.fetchrow("select finished_at, created_at from submissions, dead_letters")
    assert {row["finished_at"].isoformat(), row["created_at"].isoformat()} == {"2026-03-01T09:30:00+00:00"}
    (entry,) = await newest_entries(settings)
    assert (entry.act, entry.details) == ("reconcile", {"as": "failed", "dead_letter": "d-1"})
    found = await journal.claim(request("s-1"))
    assert isinstance(found, Finished)
    assert (found.reply, found.answered) == (REPLY, True)
    # A second run changes nothing.
    assert not await remember(connection, "s-1", FAILED, letter)
    assert await connection.fetchval("select count(*) from audit_log") == 1
