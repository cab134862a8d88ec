"""What a claim finds: every case of the table in docs/journal.md, on a real server."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.postgres.journal import (
    AT,
    PLACE,
    SOURCE,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.pipeline.ports import Busy, Claimed, Conflict, Fenced, Finished, Schedule, State

OTHER = b"other content"


async def test_a_new_submission_is_claimed(journal):
    claimed = await journal.claim(request())
    assert (claimed.ticket.source, claimed.ticket.id, claimed.ticket.epoch) == (SOURCE, "s-1", 1)
    assert (claimed.identity, claimed.revision, claimed.attempts) == ("lrn-s-1", 1, 0)
    assert not claimed.in_doubt
    assert claimed.first_attempt is claimed.last_attempt is None
    assert claimed.schedule == Schedule()


async def test_a_finished_one_is_answered_from_memory_byte_for_byte(journal):
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    await journal.finish(claimed.ticket, final(), received())
    assert await journal.claim(request()) == Finished(State.ACCEPTED, event(), None, answered=False)

    await journal.answered(SOURCE, "s-1", 1, PLACE)
    assert await journal.claim(request(offset=43)) == Finished(State.ACCEPTED, event(), None, answered=True)


@pytest.mark.parametrize("state", [State.FAILED, State.HELD])
async def test_a_finished_one_brings_its_dead_letter(journal, state):
    claimed = await journal.claim(request())
    await journal.finish(claimed.ticket, final(state, dead_letter=dead_letter()), None)
    assert await journal.claim(request()) == Finished(state, event(), dead_letter().event, answered=False)


async def test_a_reply_without_key_and_value_stays_without(journal):
    bare = event(key=None, value=None, headers=())
    claimed = await journal.claim(request())
    await journal.finish(claimed.ticket, final(reply=bare), None)
    assert (await journal.claim(request())).reply == bare


async def test_other_content_is_a_conflict_before_and_after_the_end(open_journal):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    claimed = await mine.claim(request())
    assert await mine.claim(request(content_hash=OTHER)) == Conflict()
    assert await theirs.claim(request(content_hash=OTHER)) == Conflict()
    await mine.finish(claimed.ticket, final(), None)
    assert await mine.claim(request(content_hash=OTHER)) == Conflict()
    assert isinstance(await mine.claim(request()), Finished)


async def test_the_same_id_of_another_source_is_another_submission(journal):
    await journal.claim(request())
    assert isinstance(await journal.claim(request(source="urn:hospital:2", content_hash=OTHER)), Claimed)


async def test_our_own_claim_is_resumed_and_only_the_new_ticket_counts(journal):
    first = await journal.claim(request())
    await journal.sending(first.ticket, sending(), in_doubt=True)
    later = AT.replace(year=2030)
    await journal.received(
        first.ticket, received(outcome="retry"), in_doubt=False, schedule=Schedule(1, 2.5, later)
    )

    second = await journal.claim(request(identity="another LRN"))
    assert second == Claimed(
        ticket=replace(first.ticket, epoch=2),
        identity="lrn-s-1",  # the first one, for ever
        revision=1,
        attempts=1,
        in_doubt=False,
        first_attempt=AT,
        last_attempt=AT,
        schedule=Schedule(1, 2.5, later),
    )
    with pytest.raises(Fenced):
        await journal.sending(first.ticket, sending(2), in_doubt=True)
    await journal.sending(second.ticket, sending(2), in_doubt=True)


async def test_another_workers_claim_is_busy_while_its_lease_runs(open_journal):
    mine, theirs = await open_journal("worker-1", lease_seconds=30), await open_journal("worker-2")
    await mine.claim(request())
    busy = await theirs.claim(request())
    assert isinstance(busy, Busy)
    assert busy.owner == "worker-1"
    assert 20 < busy.seconds_left <= 30


async def test_a_released_claim_is_anybodys(open_journal):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    first = await mine.claim(request())
    await mine.release([first.ticket])
    with pytest.raises(Fenced):
        await mine.sending(first.ticket, sending(), in_doubt=True)
    second = await theirs.claim(request())
    assert isinstance(second, Claimed)
    assert second.ticket.epoch == 2
    assert not second.in_doubt
    with pytest.raises(Fenced):
        await mine.finish(first.ticket, final(), None)


async def test_what_is_released_in_sending_is_in_doubt_for_its_next_owner(open_journal):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    claimed = await mine.claim(request())
    await mine.sending(claimed.ticket, sending(), in_doubt=True)
    await mine.release([claimed.ticket])
    second = await theirs.claim(request())
    assert isinstance(second, Claimed)
    assert second.in_doubt
    with pytest.raises(Fenced):
        await mine.finish(claimed.ticket, final(), received())


async def test_two_claims_of_one_submission_at_once_leave_one_valid_ticket(journal):
    results = await asyncio.gather(*(journal.claim(request()) for _ in range(5)))
    assert sorted(result.ticket.epoch for result in results) == [1, 2, 3, 4, 5]
    newest = max(results, key=lambda result: result.ticket.epoch)
    for result in results:
        if result is not newest:
            with pytest.raises(Fenced):
                await journal.sending(result.ticket, sending(), in_doubt=True)
    await journal.sending(newest.ticket, sending(), in_doubt=True)


async def test_two_workers_at_once_one_wins(open_journal):
    workers = [await open_journal(f"worker-{number}") for number in range(4)]
    results = await asyncio.gather(*(worker.claim(request()) for worker in workers))
    assert sorted(type(result).__name__ for result in results) == ["Busy", "Busy", "Busy", "Claimed"]


async def test_a_claim_that_nobody_waits_for_any_more_is_handed_back(open_journal):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    asked = asyncio.create_task(mine.claim(request()))
    await asyncio.sleep(0)  # it is in the queue
    await asyncio.sleep(0.001)  # and perhaps with the server
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    async with asyncio.timeout(5):
        while isinstance(await theirs.claim(request()), Busy):  # noqa: ASYNC110 - as the engine does
            await asyncio.sleep(0.01)


async def test_odd_text_is_stored_not_refused(journal, connection):
    odd = request(id="s\x00\ud800", source="urn:\x00:ж")
    claimed = await journal.claim(odd)
    assert (claimed.ticket.source, claimed.ticket.id) == (odd.source, odd.id)
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    await journal.finish(
        claimed.ticket,
        final(State.FAILED, dead_letter=dead_letter(detail="a\x00b")),
        received(detail="\x00\udfff"),
    )
    assert isinstance(await journal.claim(odd), Finished)
    assert await connection.fetchval("select detail from dead_letters") == "a\u2400b"
    assert await connection.fetchval("select detail from attempts") == "\u2400\ufffd"


async def test_dead_letters_are_parked_once(journal, connection):
    await journal.park(dead_letter(source=None, submission_id=None, operation=None, signer=None), AT)
    await journal.park(dead_letter(detail="a repeat"), AT)
    rows = await connection.fetch("select id, detail, state, replay_count from dead_letters")
    assert [tuple(row) for row in rows] == [("d-1", "nobody knows", "open", 0)]
