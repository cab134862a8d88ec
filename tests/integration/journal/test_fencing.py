"""Who lost his lease or his claim must not send, and must not finish what is another's by now."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.journal import AT, PLACE, dead_letter, final, received, request, sending
from worker.journal.lease import Lease
from worker.pipeline.ports import Busy, Claimed, Fenced, Finished, Schedule, State

DROP_LEASE = "update workers set lease_until = clock_timestamp() - interval '1 second' where owner = $1"


async def stop_heart(journal):
    """What SIGSTOP does to a worker: its lease is no longer renewed."""
    beating = next(task for task, name in journal._tasks._tasks.items() if name == "journal lease")
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_the_heartbeat_keeps_a_lease_beyond_its_length(open_journal):
    mine, theirs = await open_journal("worker-1", lease_seconds=0.6), await open_journal("worker-2")
    claimed = await mine.claim(request())
    await asyncio.sleep(1.5)
    assert mine.lease_alive
    assert isinstance(await theirs.claim(request()), Busy)
    await mine.sending(claimed.ticket, sending(), in_doubt=True)


@pytest.mark.parametrize(
    ("purpose", "given", "found"),
    [("submit", True, True), ("submit", False, True), ("look-up", False, False), ("look-up", True, True)],
)
async def test_a_crash_after_sending_is_taken_over_in_doubt(open_journal, purpose, given, found):
    mine, theirs = await open_journal("worker-1", lease_seconds=0.5), await open_journal("worker-2")
    first = await mine.claim(request())
    await mine.sending(first.ticket, sending(purpose=purpose), in_doubt=given)
    await stop_heart(mine)
    assert isinstance(await theirs.claim(request()), Busy)
    await asyncio.sleep(0.7)

    second = await theirs.claim(request())
    assert isinstance(second, Claimed)
    assert (second.ticket.epoch, second.in_doubt, second.attempts) == (2, found, 1)
    assert (second.first_attempt, second.last_attempt) == (AT, AT)
    await theirs.sending(second.ticket, sending(2), in_doubt=True)
    for step in (
        mine.sending(first.ticket, sending(3), in_doubt=True),
        mine.received(first.ticket, received(), in_doubt=False, schedule=Schedule()),
        mine.finish(first.ticket, final(), received()),
    ):
        with pytest.raises(Fenced):
            await step
    await theirs.finish(second.ticket, final(), received(2))


async def test_a_crash_before_sending_is_taken_over_without_doubt(open_journal, connection):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    await mine.claim(request())
    await connection.execute(DROP_LEASE, "worker-1")
    second = await theirs.claim(request())
    assert isinstance(second, Claimed)
    assert not second.in_doubt


async def test_doubt_outlives_further_crashes(open_journal, connection):
    workers = [await open_journal(f"worker-{number}") for number in range(3)]
    first = await workers[0].claim(request())
    await workers[0].sending(first.ticket, sending(), in_doubt=True)
    await connection.execute(DROP_LEASE, "worker-0")
    assert (await workers[1].claim(request())).in_doubt
    await connection.execute(DROP_LEASE, "worker-1")
    assert (await workers[2].claim(request())).in_doubt


async def test_nothing_is_sent_without_a_lease_though_nobody_took_over(open_journal, connection):
    mine = await open_journal("worker-1")
    claimed = await mine.claim(request())
    await connection.execute(DROP_LEASE, "worker-1")
    with pytest.raises(Fenced):
        await mine.sending(claimed.ticket, sending(), in_doubt=True)
    assert await connection.fetchval("select count(*) from attempts") == 0
    assert await connection.fetchval("select state from submissions") == "claimed"


async def test_an_outcome_may_still_be_written_after_the_lease_while_nobody_took_over(
    open_journal, connection
):
    mine, theirs = await open_journal("worker-1"), await open_journal("worker-2")
    claimed = await mine.claim(request())
    await mine.sending(claimed.ticket, sending(), in_doubt=True)
    await connection.execute(DROP_LEASE, "worker-1")
    await mine.finish(claimed.ticket, final(), received())
    assert isinstance(await theirs.claim(request()), Finished)


async def test_a_lease_that_came_back_fences_what_was_committed_before(open_journal, monkeypatch):
    """The process was stopped between the commit of `sending` and hearing of it, longer than its lease."""
    mine = await open_journal("worker-1")
    claimed = await mine.claim(request())

    written = mine._writer.submit

    async def stopped_meanwhile(operation):
        result = await written(operation)
        mine._lease.term += 1
        return result

    monkeypatch.setattr(mine._writer, "submit", stopped_meanwhile)
    with pytest.raises(Fenced):
        await mine.sending(claimed.ticket, sending(), in_doubt=True)


async def test_tickets_survive_a_lost_lease_where_nobody_took_over(open_journal, connection):
    mine = await open_journal("worker-1", lease_seconds=0.6)
    claimed = await mine.claim(request())
    await stop_heart(mine)
    await asyncio.sleep(0.7)
    assert not mine.lease_alive
    term = mine._lease.term
    await mine._lease._renewed()
    assert mine.lease_alive
    assert mine._lease.term == term + 1
    await mine.sending(claimed.ticket, sending(), in_doubt=True)


async def test_nothing_is_sent_after_the_end(journal):
    claimed = await journal.claim(request())
    await journal.finish(claimed.ticket, final(), None)
    with pytest.raises(Fenced):
        await journal.sending(claimed.ticket, sending(), in_doubt=True)
    with pytest.raises(Fenced):
        await journal.received(claimed.ticket, received(), in_doubt=False, schedule=Schedule())


async def test_the_first_outcome_stands(journal):
    claimed = await journal.claim(request())
    await journal.finish(claimed.ticket, final(State.HELD, dead_letter=dead_letter()), None)
    with pytest.raises(Fenced):
        await journal.finish(claimed.ticket, final(State.ACCEPTED), None)
    assert (await journal.claim(request())).state is State.HELD


async def test_each_step_repeated_comes_to_the_same(journal, connection):
    claimed = await journal.claim(request())
    for _ in range(2):
        await journal.sending(claimed.ticket, sending(), in_doubt=True)
    for _ in range(2):
        await journal.received(claimed.ticket, received(), in_doubt=False, schedule=Schedule())
    for _ in range(2):
        await journal.finish(claimed.ticket, final(State.FAILED, dead_letter=dead_letter()), received())
    for table, rows in (("submissions", 1), ("attempts", 1), ("evidence", 2), ("dead_letters", 1)):
        assert await connection.fetchval(f"select count(*) from {table}") == rows  # noqa: S608 - names from above


async def test_closing_hands_over_at_once_what_was_not_sent(open_journal):
    mine, theirs = await open_journal("worker-1", lease_seconds=60), await open_journal("worker-2")
    await mine.claim(request())
    await mine.close()
    assert isinstance(await theirs.claim(request()), Claimed)


async def test_closing_keeps_the_lease_of_what_may_be_under_way(open_journal):
    mine, theirs = await open_journal("worker-1", lease_seconds=60), await open_journal("worker-2")
    claimed = await mine.claim(request())
    await mine.sending(claimed.ticket, sending(), in_doubt=True)
    await mine.close()
    assert isinstance(await theirs.claim(request()), Busy)


async def test_what_kafka_acknowledged_is_noted_before_anything_is_committed(open_journal, connection):
    mine = await open_journal()
    for number in range(20):
        claimed = await mine.claim(request(f"s-{number}"))
        await mine.finish(claimed.ticket, final(), None)
        await mine.answered(claimed.ticket.source, claimed.ticket.id, 1, PLACE)
    assert await connection.fetchval("select count(*) from submissions where answered") == 20


async def test_workers_long_gone_are_forgotten(open_journal, connection):
    long_ago = (
        "insert into workers (owner, lease_until) values ('old', clock_timestamp() - interval '2 days')"
    )
    await connection.execute(long_ago)
    await open_journal("worker-1")
    assert [row["owner"] for row in await connection.fetch("select owner from workers")] == ["worker-1"]


def test_a_lease_is_not_alive_before_it_began():
    from tests.support.postgres.journal import RealClock

    assert not Lease(None, "worker-1", 15, RealClock()).alive


async def test_a_process_stopped_in_mid_transaction_does_not_keep_its_locks(open_journal, connection):
    zombie = await open_journal("zombie", lease_seconds=1.5)
    theirs = await open_journal("worker-2")
    claimed = await zombie.claim(request())
    transaction = zombie._connections[0]._connection.transaction()
    await transaction.start()
    await zombie._connections[0]._connection.execute("update submissions set attempts = 9")
    started = asyncio.get_running_loop().time()
    assert isinstance(await theirs.claim(request()), Busy)
    assert 0.3 < asyncio.get_running_loop().time() - started < 1.4
    await zombie.sending(claimed.ticket, sending(), in_doubt=True)  # on a new connection
