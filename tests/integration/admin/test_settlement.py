"""Settlements in the journal: all of it or nothing, and a repeat finds what was said."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.integration.admin.test_replay_sql import die as died
from tests.integration.admin.test_replay_sql import order
from tests.support.postgres.journal import AT, event, request
from worker.admin import replay_sql, settlement_sql
from worker.admin.audit_log import entries_of
from worker.admin.errors import NotSettled
from worker.admin.settlement import Asked, settle_in_journal
from worker.pipeline.ports import Claimed, Finished, State
from worker.pipeline.routing import Route

NRN = "25073B00Q1X3"
LATER = AT + timedelta(hours=1)
THERE, NOT_THERE = {"nrn": NRN}, None


async def die(journal, state=State.FAILED):
    await died(journal, state=state, reply=event(value=b'{"code":"outcome-unknown"}'))


async def settled(connection, data, *, letter="d-1", dry_run=False):
    asked = Asked(letter, data, who="nurse", reason="looked it up")
    return await settle_in_journal(
        connection, asked, route_of=lambda *_: Route("*", "results", "errors"), now=lambda: LATER, dry_run=dry_run
    )  # fmt: skip


async def row_of(connection):
    return await connection.fetchrow(
        "select s.state, s.revision, s.in_doubt, s.answered, s.dead_letter_id, d.state as letter"
        " from submissions s, dead_letters d where d.id = 'd-1'"
    )


async def test_what_is_there_is_accepted_for_good(journal, connection):
    await die(journal, state=State.HELD)
    made = await settled(connection, THERE)

    assert tuple(await row_of(connection)) == ("accepted", 2, False, False, None, "settled")
    found = await journal.claim(request("s-1", replay_of="d-1"))
    assert found == Finished(State.ACCEPTED, made.reply, None, answered=False, revision=2)
    (act,) = await entries_of(connection, "d-1")
    assert (act.act, act.who, act.details) == ("settle", "nurse", {"as": "accepted", "revision": 2})
    await settlement_sql.answered(connection, made.status, made.reply)
    assert (await row_of(connection))["answered"]


async def test_what_is_not_there_may_be_replayed_without_doubt(journal, connection):
    await die(journal, state=State.HELD)
    await settled(connection, NOT_THERE)

    assert tuple(await row_of(connection)) == ("failed", 2, False, False, "d-1", "open")
    await order(connection, "d-1")
    claimed = await journal.claim(request("s-1", replay_of="d-1"))
    assert isinstance(claimed, Claimed)
    assert (claimed.revision, claimed.in_doubt, claimed.identity) == (3, False, "lrn-s-1")
    with pytest.raises(NotSettled, match="replay was ordered"):
        await settled(connection, NOT_THERE)


@pytest.mark.parametrize(("data", "other"), [(THERE, NOT_THERE), (NOT_THERE, THERE)])
async def test_the_same_again_brings_the_stored_reply_and_another_is_refused(
    journal, connection, data, other
):
    await die(journal, state=State.HELD)
    first = await settled(connection, data)
    again = await settled(connection, data)

    assert again.repeated
    assert again.reply == first.reply
    with pytest.raises(NotSettled, match="already"):
        await settled(connection, other)
    assert len(await entries_of(connection, "d-1")) == 1
    assert (await row_of(connection))["revision"] == 2


async def test_what_was_discarded_may_still_be_settled(journal, connection):
    await die(journal, state=State.HELD)
    await replay_sql.discard(connection, ["d-1"], who="nurse", reason="no")
    await settled(connection, NOT_THERE)
    assert (await row_of(connection))["letter"] == "open"
    assert [act.act for act in await entries_of(connection, "d-1")] == ["discard", "settle"]


async def test_two_at_once_are_one(journal, connection, journal_dsn):
    await die(journal, state=State.HELD)
    other = await asyncpg.connect(journal_dsn)
    results = await asyncio.gather(
        settled(connection, THERE), settled(other, NOT_THERE), return_exceptions=True
    )
    await other.close()
    assert sorted(type(one).__name__ for one in results) == ["NotSettled", "Settlement"]
    assert (await row_of(connection))["revision"] == 2


async def test_a_dry_run_changes_nothing(journal, connection):
    await die(journal, state=State.HELD)
    before = await row_of(connection)
    assert b"settled" in (await settled(connection, THERE, dry_run=True)).reply.value
    assert await row_of(connection) == before
    assert await entries_of(connection, "d-1") == []


async def test_what_failed_and_what_is_unknown_has_nothing_to_settle(journal, connection):
    await die(journal)
    for letter, why in (("d-1", "Nothing can be settled"), ("d-9", "no dead letter d-9")):
        with pytest.raises(NotSettled, match=why):
            await settled(connection, THERE, letter=letter)


async def test_a_late_acknowledgement_of_another_reply_notes_nothing(journal, connection):
    await die(journal, state=State.HELD)
    first = await settled(connection, NOT_THERE)
    await order(connection, "d-1")
    await journal.claim(request("s-1", replay_of="d-1"))
    await settlement_sql.answered(connection, first.status, first.reply)
    assert not (await row_of(connection))["answered"]
