"""The database goes away in every way that can be staged; whoever waits gets the right answer in the end."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import re
from pathlib import Path

import asyncpg
import pytest

from tests.support.postgres.journal import (
    PLACE,
    SOURCE,
    RealClock,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from tests.support.postgres.proxy import PgProxy
from worker.journal.connection import session
from worker.journal.errors import JournalFault, JournalUnavailable, SchemaOutdated
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed, Event, State

CUT_ALL = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


async def life(journal, number):
    """All that the pipeline writes for one submission, with a dead letter for every tenth."""
    id_ = f"s-{number}"
    claimed = await journal.claim(request(id_))
    assert isinstance(claimed, Claimed)
    await journal.sending(claimed.ticket, sending(message_id=f"m-{number}"), in_doubt=True)
    died = number % 10 == 0
    letter = dead_letter(f"d-{number}", submission_id=id_) if died else None
    outcome = final(
        State.FAILED if died else State.ACCEPTED, reply=event(value=id_.encode()), dead_letter=letter
    )
    await journal.finish(claimed.ticket, outcome, received(message_id=f"m-{number}"))
    await journal.answered(SOURCE, id_, 1, PLACE)


async def eventually(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the engine polls it, too
            await asyncio.sleep(0.02)


async def assert_told_once(connection, count):
    assert await connection.fetchval("select count(*) from submissions") == count
    assert await connection.fetchval("select count(*) from submissions where finished_at is null") == 0
    assert await connection.fetchval("select count(*) from submissions where reply_value <> id::bytea") == 0
    assert await connection.fetchval("select count(*) from submissions where not answered") == 0
    assert await connection.fetchval("select count(*) from evidence where kind = 'answer'") == count
    assert await connection.fetchval("select count(*) from attempts") == count
    assert await connection.fetchval("select count(*) from dead_letters") == (count + 9) // 10


async def test_connections_cut_again_and_again(journal, connection):
    cuts = 0
    pauses = random.Random(1)

    async def cut():
        nonlocal cuts
        while True:
            await asyncio.sleep(pauses.uniform(0.01, 0.1))
            cuts += await connection.fetchval(CUT_ALL)

    cutting = asyncio.create_task(cut())
    limit = asyncio.Semaphore(20)

    async def one(number):
        async with limit:
            await life(journal, number)
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(number) for number in range(300)))
    cutting.cancel()
    await asyncio.gather(cutting, return_exceptions=True)
    assert cuts >= 5
    await journal._writer.flush()
    await assert_told_once(connection, 300)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_the_server_stops_and_starts(pg_server, journal, journal_dsn, mode, caplog):
    caplog.set_level(logging.INFO, "worker.journal")
    await asyncio.gather(*(life(journal, number) for number in range(20)))
    await asyncio.to_thread(pg_server.stop, mode)
    try:
        waiting = [asyncio.create_task(life(journal, number)) for number in range(20, 60)]
        await asyncio.sleep(1)
        assert not journal.available
        assert re.search("PostgreSQL (cannot be reached|says)", journal.why)
        assert not any(task.done() for task in waiting)
    finally:
        await asyncio.to_thread(pg_server.start)
    async with asyncio.timeout(20):
        await asyncio.gather(*waiting)
    assert journal.available
    assert journal.why == ""
    await journal._writer.flush()
    connection = await asyncpg.connect(journal_dsn)
    await assert_told_once(connection, 60)
    await connection.close()
    # One line when it went (each time the reason changed), one when it came back: not one per attempt.
    assert len([record for record in caplog.records if "writer" in record.message]) <= 5


async def through_proxy(proxy, tmp_path, journal_dsn, **settings):
    dsn = re.sub("host=.*", f"host={tmp_path}", journal_dsn)
    return await PostgresJournal.open(JournalSettings(dsn=dsn, **settings), "worker-1", RealClock())


@pytest.fixture
def proxy(journal_dsn):
    return PgProxy(Path(journal_dsn.partition("host=")[2]))


async def test_commits_whose_outcome_nobody_heard_of(proxy, tmp_path, journal_dsn, connection):
    async with proxy.listening(tmp_path):
        journal = await through_proxy(proxy, tmp_path, journal_dsn)
        for number in range(10):
            claimed = None
            for step in range(3):
                proxy.lose_commits = 1
                if step == 0:
                    claimed = await journal.claim(request(f"s-{number}"))
                    assert not claimed.in_doubt
                elif step == 1:
                    one = sending(message_id=f"m-{number}")
                    await journal.sending(claimed.ticket, one, in_doubt=True)
                else:
                    letter = dead_letter(f"d-{number}") if number % 10 == 0 else None
                    outcome = final(reply=event(value=f"s-{number}".encode()), dead_letter=letter)
                    await journal.finish(claimed.ticket, outcome, received(message_id=f"m-{number}"))
                assert proxy.lose_commits == 0
            proxy.lose_commits = 1
            await journal.answered(SOURCE, f"s-{number}", 1, PLACE)
            await journal._writer.flush()
        await journal.close()
    await assert_told_once(connection, 10)


async def test_a_silent_network_counts_as_an_outage(proxy, tmp_path, journal_dsn):
    async with proxy.listening(tmp_path):
        journal = await through_proxy(
            proxy, tmp_path, journal_dsn, statement_seconds=0.3, connect_seconds=0.3
        )
        claimed = await journal.claim(request())
        proxy.hang = True
        waiting = asyncio.create_task(journal.sending(claimed.ticket, sending(), in_doubt=True))
        await asyncio.sleep(0.8)
        assert not waiting.done()
        assert journal.why == "PostgreSQL does not answer in time"
        proxy.hang = False
        await asyncio.wait_for(waiting, 10)
        assert journal.available
        await journal.close()


async def test_an_outage_longer_than_the_lease(proxy, tmp_path, journal_dsn):
    async with proxy.listening(tmp_path):
        settings = {"statement_seconds": 0.2, "connect_seconds": 0.2, "lease_seconds": 0.6}
        journal = await through_proxy(proxy, tmp_path, journal_dsn, **settings)
        claimed = await journal.claim(request())
        proxy.hang = True
        await asyncio.sleep(1.2)
        assert not journal.lease_alive
        proxy.hang = False
        await eventually(lambda: journal.lease_alive)
        await journal.sending(claimed.ticket, sending(), in_doubt=True)
        await journal.finish(claimed.ticket, final(), received())
        await journal.close()


async def test_closing_in_an_outage_does_not_hang(proxy, tmp_path, journal_dsn):
    async with proxy.listening(tmp_path):
        journal = await through_proxy(
            proxy, tmp_path, journal_dsn, statement_seconds=0.2, connect_seconds=0.2
        )
        await journal.claim(request())
        proxy.hang = True
        noting = asyncio.create_task(journal.answered(SOURCE, "s-1", 1, PLACE))
        await asyncio.sleep(0)
        await asyncio.wait_for(journal.close(0.5), 3)
        with pytest.raises(JournalUnavailable):
            await noting


async def test_one_bad_row_does_not_fail_the_others(journal):
    good = [request(f"s-{number}") for number in range(20)]
    bad = request("bad", partition=2**40)  # no PostgreSQL integer
    too_long = request("x" + os.urandom(8000).hex())  # no index entry holds it
    results = await asyncio.gather(
        *(journal.claim(one) for one in [*good, bad, too_long]), return_exceptions=True
    )
    assert all(isinstance(result, Claimed) for result in results[:-2])
    assert all(isinstance(result, JournalFault) for result in results[-2:])
    assert str(2**40) not in str(results[-2])
    assert too_long.id not in str(results[-1])
    assert results[-2].__cause__ is results[-2].__context__ is None


async def test_opening_waits_for_the_server(pg_server, journal_dsn):
    await asyncio.to_thread(pg_server.stop)
    try:
        opening = asyncio.create_task(
            PostgresJournal.open(JournalSettings(dsn=journal_dsn), "worker-1", RealClock())
        )
        await asyncio.sleep(0.5)
        assert not opening.done()
    finally:
        await asyncio.to_thread(pg_server.start)
    journal = await asyncio.wait_for(opening, 20)
    assert isinstance(await journal.claim(request()), Claimed)
    await journal.close()


async def test_opening_waits_for_a_role_that_may_log_in(pg_server, journal_dsn, caplog):
    dsn = journal_dsn.replace("postgres@", "later:secret-word@")
    opening = asyncio.create_task(PostgresJournal.open(JournalSettings(dsn=dsn), "worker-1", RealClock()))
    await asyncio.sleep(0.3)
    assert not opening.done()
    assert 'role "later" does not exist' in caplog.text
    assert "secret-word" not in caplog.text
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)


async def test_opening_refuses_tables_that_are_not_there(empty_dsn):
    with pytest.raises(SchemaOutdated, match="run `herald journal migrate`"):
        await PostgresJournal.open(JournalSettings(dsn=empty_dsn), "worker-1", RealClock())


async def test_opening_refuses_an_address_that_is_none():
    settings = JournalSettings(dsn="postgresql://user@host:notaport/db")
    with pytest.raises(JournalFault, match="address cannot be used"):
        await PostgresJournal.open(settings, "worker-1", RealClock())


async def test_a_short_session_says_why_it_cannot(tmp_path):
    settings = JournalSettings(dsn=f"postgresql://postgres@/x?host={tmp_path}")
    with pytest.raises(JournalUnavailable, match="cannot be reached"):
        async with session(settings, "test"):
            pass


async def test_evidence_of_two_megabytes(journal, connection):
    big = os.urandom(2 * 1024 * 1024)
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(request=big), in_doubt=True)
    reply = Event("t", b"k", big, ())
    await journal.finish(claimed.ticket, final(reply=reply), received(body=big))
    assert bytes(await connection.fetchval("select body from evidence where kind = 'request'")) == big
    assert (await journal.claim(request())).reply == reply


@pytest.mark.parametrize(("server", "ours"), [("off", "on"), ("on", "on"), ("remote_write", "remote_write")])
async def test_a_server_that_may_forget_commits_is_not_taken_at_its_word(journal_dsn, server, ours):
    connection = await asyncpg.connect(journal_dsn)
    name = await connection.fetchval("select current_database()")
    await connection.execute(f'alter database "{name}" set synchronous_commit = {server}')
    await connection.close()
    async with session(JournalSettings(dsn=journal_dsn), "test") as ours_now:
        assert await ours_now.fetchval("show synchronous_commit") == ours
