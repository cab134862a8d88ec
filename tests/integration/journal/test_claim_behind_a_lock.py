"""Claims that wait for another worker's step: what they find is what that step left, in every table."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.journal.waits import begin
from tests.support.postgres.journal import PLACE, SOURCE, dead_letter, final, received, request, sending
from tests.support.worker.installation import eventually
from worker.pipeline.ports import Claimed, Finished, State, Waiting

BLOCKED = """
select count(*) from pg_locks l join pg_stat_activity a using (pid)
where not l.granted and a.datname = current_database()
"""


@pytest.fixture
async def mine(open_journal):
    return await open_journal("worker-1")


@pytest.fixture
async def theirs(open_journal):
    return await open_journal("worker-2")


async def behind(connection, step, claim):
    """Let the claim wait for the step, which waits for a transaction of this test; return what the claim found."""
    async with connection.transaction():
        await connection.execute("select from submissions for no key update")
        first = asyncio.create_task(step)
        await _until_blocked(connection, 1)
        second = asyncio.create_task(claim)
        await _until_blocked(connection, 2)
    await first
    return await second


async def _until_blocked(connection, count):
    await eventually(lambda: connection.fetchval(BLOCKED), lambda blocked: blocked >= count)


async def sent(journal):
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    return claimed.ticket


async def test_what_begins_to_wait_for_its_answer_meanwhile_is_not_sent_again(mine, theirs, connection):
    ticket = await sent(mine)
    step = mine.wait(ticket, begin(), received(outcome="taken"), in_doubt=False)

    found = await behind(connection, step, theirs.claim(request()))

    assert isinstance(found, Waiting)
    assert await connection.fetchval("select state from submissions") == "waiting"
    (due,) = await theirs.take_due("nhis", 10, ())
    assert due.claimed.ticket.id == "s-1"


async def test_what_ends_meanwhile_brings_its_dead_letter(mine, theirs, connection):
    ticket = await sent(mine)
    died = dead_letter("d-1", submission_id="s-1")
    await connection.execute("update workers set lease_until = 'epoch' where owner = 'worker-1'")
    step = mine.finish(ticket, final(State.FAILED, dead_letter=died), received())

    found = await behind(connection, step, theirs.claim(request()))

    assert isinstance(found, Finished)
    assert (found.state, found.dead_letter) == (State.FAILED, died.event)


async def test_what_is_answered_meanwhile_is_not_answered_once_more(mine, theirs, connection):
    ticket = await sent(mine)
    await mine.finish(ticket, final(), received())

    step = mine.answered(SOURCE, "s-1", 1, PLACE)
    found = await behind(connection, step, theirs.claim(request()))

    assert (found.answered, found.answered_here) == (True, True)


async def test_what_is_released_meanwhile_is_taken(mine, theirs, connection):
    claimed = await mine.claim(request())

    found = await behind(connection, mine.release([claimed.ticket]), theirs.claim(request()))

    assert isinstance(found, Claimed)
