"""Group commit with a pretended database."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.postgres.journal import PLACE, request
from worker.journal.commands import Claim, MarkAnswered, Release
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.writer import GroupWriter
from worker.pipeline.ports import Claimed, Conflict, Fenced, Ticket


class Database:
    """Keeps what it was given; fails groups that hold one of ``bad``; waits while ``closed``."""

    def __init__(self):
        self.groups = []
        self.bad = set()
        self.result = None
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, commands):
        await self.open.wait()
        if any(command.id in self.bad for command in commands):
            raise ValueError("secret of a patient")
        self.groups.append([command.id for command in commands])
        return [self.result for _ in commands]


@pytest.fixture
def database():
    return Database()


@pytest.fixture
async def writer(database):
    writer = GroupWriter(database.write, max_count=100)
    running = asyncio.create_task(writer.run())
    yield writer
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def note(id_):
    return MarkAnswered("s", id_, 1, PLACE)


async def test_what_comes_while_one_group_is_written_is_the_next_group(database, writer):
    database.open.clear()
    first = asyncio.create_task(writer.submit(note("first")))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(writer.submit(note(str(number)))) for number in range(50)]
    await asyncio.sleep(0.01)
    database.open.set()
    await asyncio.gather(first, *others)
    assert database.groups == [["first"], [str(number) for number in range(50)]]


async def test_all_that_wait_at_once_are_one_group(database, writer):
    await asyncio.gather(*(writer.submit(note(str(number))) for number in range(50)))
    assert len(database.groups) == 1


async def test_a_group_waits_for_others_and_one_alone_does_not(database):
    writer = GroupWriter(database.write, max_wait=0.2)
    running = asyncio.create_task(writer.run())
    await asyncio.wait_for(writer.submit(note("alone")), 0.1)
    await asyncio.wait_for(writer.submit(note("alone")), 0.1)

    first = asyncio.create_task(writer.submit(note("a")))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, *(writer.submit(note(name)) for name in "bc"))
    assert database.groups[2:] == [["a", "b", "c"]]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_second_of_a_key_is_written_after_the_first(database, writer):
    await asyncio.gather(*(writer.submit(note("a")) for _ in range(3)))
    assert database.groups == [["a"], ["a"], ["a"]]


async def test_one_bad_operation_fails_alone_and_tells_no_secret(database, writer):
    database.bad = {"3"}
    results = await asyncio.gather(
        *(writer.submit(note(str(number))) for number in range(5)), return_exceptions=True
    )
    assert results[:3] + results[4:] == [None] * 4
    assert isinstance(results[3], JournalFault)
    assert (
        str(results[3])
        == "The journal could not store this (MarkAnswered): the driver refused it (ValueError)."
    )
    assert database.groups == [["0"], ["1"], ["2"], ["4"]]


async def test_an_exception_as_a_result_is_raised_to_its_asker(database, writer):
    database.result = Fenced()
    with pytest.raises(Fenced):
        await writer.submit(note("a"))


async def test_what_may_be_late_is_written_all_the_same(database, writer):
    writer.submit_later(note("a"))
    writer.submit_later(note("b"))
    await writer.flush()
    assert database.groups == [["a", "b"]]


async def test_what_may_be_late_and_fails_is_logged(database, writer, caplog):
    database.bad = {"a"}
    writer.submit_later(note("a"))
    with caplog.at_level(logging.ERROR):
        await writer.flush()
    assert "could not write a step whose caller no longer waits" in caplog.text
    assert "secret" not in caplog.text


async def test_flush_waits_for_the_group_under_way(database, writer):
    database.open.clear()
    writer.submit_later(note("a"))
    flushing = asyncio.create_task(writer.flush())
    await asyncio.sleep(0.01)
    assert not flushing.done()
    database.open.set()
    await flushing


class Claims:
    """A database that grants every claim, when it is let."""

    def __init__(self):
        self.written = []
        self.open = asyncio.Event()

    async def write(self, commands):
        await self.open.wait()
        self.written += commands
        ticket = Ticket("urn:hospital:1", "s-1", 7)
        claimed = Claimed(ticket, "lrn", 1, 0, False, None, None, None)
        return [claimed if isinstance(command, Claim) else None for command in commands]


async def running(claims):
    writer = GroupWriter(claims.write)
    return writer, asyncio.create_task(writer.run())


async def test_a_claim_whose_asker_left_meanwhile_is_released(database):
    claims = Claims()
    writer, task = await running(claims)
    asking = asyncio.create_task(writer.submit(Claim(request())))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    claims.open.set()
    await writer.flush()
    assert claims.written == [Claim(request()), Release(Ticket("urn:hospital:1", "s-1", 7))]
    task.cancel()


async def test_a_claim_whose_asker_left_before_is_never_written():
    claims = Claims()
    writer, task = await running(claims)
    blocking = asyncio.create_task(writer.submit(note("first")))
    await asyncio.sleep(0.01)
    asking = asyncio.create_task(writer.submit(Claim(request())))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    claims.open.set()
    await blocking
    await writer.flush()
    assert claims.written == [note("first")]
    task.cancel()


async def test_a_conflict_whose_asker_left_needs_nothing(database, writer):
    database.result = Conflict()
    database.open.clear()
    asking = asyncio.create_task(writer.submit(note("a")))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    database.open.set()
    await writer.flush()
    assert database.groups == [["a"]]


async def test_whoever_waits_at_the_end_hears_of_it():
    claims = Claims()
    writer, task = await running(claims)
    under_way = asyncio.create_task(writer.submit(note("a")))
    await asyncio.sleep(0.01)
    behind = asyncio.create_task(writer.submit(note("b")))
    writer.submit_later(note("c"))
    await asyncio.sleep(0.01)
    task.cancel()
    for asking in (under_way, behind):
        with pytest.raises(JournalUnavailable, match="closed"):
            await asking
    with pytest.raises(JournalUnavailable, match="closed"):
        await writer.submit(note("d"))


async def test_a_claim_whose_asker_is_cancelled_as_its_result_comes_is_released():
    claims = Claims()
    claims.open.set()
    writer, task = await running(claims)
    asking = asyncio.create_task(writer.submit(Claim(request())))
    settle = writer._settle

    def settle_and_cancel(entry, result):
        settle(entry, result)
        asking.cancel()

    writer._settle = settle_and_cancel
    with pytest.raises(asyncio.CancelledError):
        await asking
    await writer.flush()
    assert claims.written == [Claim(request()), Release(Ticket("urn:hospital:1", "s-1", 7))]
    task.cancel()
