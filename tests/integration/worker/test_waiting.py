"""Submissions that a system takes and answers later, on a real journal: two workers, one of which is lost."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.support.fakes.later import TAKEN, later
from tests.support.fakes.one_delivery import SUBMISSION
from tests.support.fakes.one_worker import PlainReader, Worker
from tests.support.postgres.fixtures import connection, open_journal
from tests.support.postgres.journal import RealClock
from worker.outcome import Accepted
from worker.pipeline.asking.settings import AskingSettings
from worker.pipeline.ports import Record, State
from worker.systems.port import Prepared, Recovery

__all__ = ["connection", "open_journal"]

MANY = 40
QUICK = AskingSettings(first=0.05, factor=1.5, maximum=0.2, give_up_after=60, pass_seconds=0.05, in_flight=5)


class NamingReader(PlainReader):
    """Reads each record as the submission whose id is its value."""

    def read(self, record: Record):
        return replace(SUBMISSION, id=(record.value or b"").decode(), key=record.key or b"")


def record(number: int) -> Record:
    return Record("submissions", 0, number, 1, b"key-%d" % number, b"s-%d" % number, ((("h"), b"\x00\xff"),))


class System:
    """What the invented system has: each submission's answer is ready after a few asks, whoever asks."""

    def __init__(self, ready_after: int) -> None:
        self.ready_after = ready_after
        self.asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()

    async def take(self, prepared: Prepared):
        self.sent[prepared.identity] += 1
        return TAKEN

    async def answer(self, prepared: Prepared):
        await asyncio.sleep(0.005)
        self.asked[prepared.identity] += 1
        ready = self.asked[prepared.identity] >= self.ready_after
        return Accepted({"who": prepared.identity}) if ready else later()


async def a_worker(open_journal, system: System, owner: str, **changes) -> Worker:
    journal = await open_journal(owner, lease_seconds=changes.pop("lease_seconds", 15.0))
    told = [True] * (MANY * 3) if changes.pop("acknowledged", False) else []
    return Worker(
        *[system.take] * MANY,
        asks=[system.answer] * (MANY * 30),
        told=told,
        owner=owner,
        journal=journal,
        clock=RealClock(),
        reader=NamingReader(SUBMISSION),
        asking=changes.pop("asking", QUICK),
        **changes,
    )


async def until_nothing_waits(connection, seconds: float = 30.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if not await connection.fetchval("select count(*) from waiting"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("some still wait")


def replies_of(*workers: Worker) -> dict[bytes | None, set[bytes | None]]:
    found: dict[bytes | None, set[bytes | None]] = {}
    for worker in workers:
        for event in worker.replies.events:
            found.setdefault(event.key, set()).add(event.value)
    return found


async def test_any_worker_asks_and_each_submission_has_one_answer(open_journal, connection):
    system = System(3)
    one = await a_worker(open_journal, system, "one", acknowledged=True)
    two = await a_worker(open_journal, system, "two", acknowledged=True)
    await asyncio.gather(*(one.engine.process(record(n), one.shutdown) for n in range(MANY)))
    runs = [asyncio.create_task(worker.asker.run()) for worker in (one, two)]
    await until_nothing_waits(connection)
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)

    found = replies_of(one, two)
    assert len(found) == MANY
    assert all(len(values) == 1 for values in found.values())
    assert len(one.replies.events) + len(two.replies.events) == MANY
    assert min(len(one.replies.events), len(two.replies.events)) > 0
    assert set(system.sent.values()) == {1}
    assert set(system.asked.values()) == {3}
    rows = await connection.fetch("select state, answered, count(*) from submissions group by 1, 2")
    assert [tuple(row) for row in rows] == [("accepted", True, MANY)]
    purposes = dict(await connection.fetch("select purpose, count(*) from attempts group by 1"))
    assert purposes == {"submit": MANY, "ask": 3 * MANY, "acknowledge": MANY}
    assert await connection.fetchval("select count(*) from attempts where outcome is null") == 0
    for number in range(MANY):  # what Kafka delivers again is done
        await two.engine.process(record(number), two.shutdown)
    assert len(one.replies.events) + len(two.replies.events) == MANY


async def test_a_worker_that_is_lost_while_it_asks_leaves_nothing_undone(open_journal, connection):
    system = System(2)
    one = await a_worker(open_journal, system, "one", lease_seconds=1.0)
    await asyncio.gather(*(one.engine.process(record(n), one.shutdown) for n in range(MANY)))
    asked = asyncio.Event()

    async def never(prepared: Prepared):
        asked.set()
        await asyncio.Event().wait()

    one.system.asks = [never] * MANY
    run = asyncio.create_task(one.asker.run())
    await asked.wait()
    await asyncio.sleep(0.2)
    held = await connection.fetchval("select count(*) from submissions where owner = 'one'")
    assert held == QUICK.in_flight
    # As if its process was gone: neither its lease nor its claims are given back.
    await one.journal._tasks.end()
    left = [run, *one.asker._tasks.values()]
    two = await a_worker(open_journal, system, "two", lease_seconds=1.0)
    other = asyncio.create_task(two.asker.run())
    await until_nothing_waits(connection)
    for task in (*left, other):
        task.cancel()
    await asyncio.gather(*left, other, return_exceptions=True)

    assert one.replies.events == []
    assert {key: len(values) for key, values in replies_of(two).items()} == {
        record(n).key: 1 for n in range(MANY)
    }
    assert set(system.sent.values()) == {1}


async def test_a_call_of_the_system_has_its_answer_fetched_at_once(open_journal, connection):
    system = System(1)
    slow = QUICK.model_copy(update={"first": 3600.0, "maximum": 3600.0, "give_up_after": 7200.0})
    one = await a_worker(open_journal, system, "one", asking=slow)
    receiver = await open_journal("receiver")
    await one.engine.process(record(0), one.shutdown)
    run = asyncio.create_task(one.asker.run())
    await asyncio.sleep(0.2)
    assert system.asked == Counter()
    assert not await receiver.hasten("scripted", "c-1 another secret")
    assert await receiver.hasten("scripted", TAKEN.ready or "")
    await until_nothing_waits(connection, 5)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert len(one.replies.events) == 1


@pytest.mark.parametrize("rule", [Recovery.REPEAT, Recovery.HOLD])
async def test_what_never_has_an_answer_ends_with_a_dead_letter(open_journal, connection, rule):
    system = System(1_000_000)
    short = QUICK.model_copy(update={"give_up_after": 0.5})
    one = await a_worker(open_journal, system, "one", asking=short, recovery=rule)
    await one.engine.process(record(0), one.shutdown)
    run = asyncio.create_task(one.asker.run())
    await until_nothing_waits(connection, 10)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    state = State.FAILED if rule is Recovery.REPEAT else State.HELD
    row = await connection.fetchrow(
        "select s.state, s.in_doubt, s.answered, d.reason from submissions s"
        " join dead_letters d on d.id = s.dead_letter_id"
    )
    assert tuple(row) == (state, rule is Recovery.HOLD, True, "answer-overdue")
    assert [event.topic for event in one.replies.events] == ["dead-letters", "replies"]


async def test_the_key_waits_where_the_operation_keeps_order(open_journal, connection):
    system = System(3)
    one = await a_worker(open_journal, system, "one", keeps_order=True)
    task = asyncio.create_task(one.engine.process(record(0), one.shutdown))
    await asyncio.sleep(0.3)
    assert not task.done()
    run = asyncio.create_task(one.asker.run())
    await asyncio.wait_for(task, 10)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert await connection.fetchval("select answered from submissions")
    assert len(one.replies.events) == 1


async def test_an_idle_pass_is_one_query_by_the_index(open_journal, connection):
    system = System(1)
    one = await a_worker(open_journal, system, "one")
    await one.engine.process(record(0), one.shutdown)
    await connection.execute("update waiting set due = clock_timestamp() + interval '1 day'")
    await connection.execute(
        "insert into submissions select 'x', n::text, type, system, operation, signer, identity, content_hash,"
        " key_digest, record_topic, record_partition, record_offset, received_at, state"
        " from submissions, generate_series(1, 5000) n"
    )
    await connection.execute(
        "insert into waiting select 'x', n::text, system, operation, revision, phase, call, reference, ready_digest,"
        " due, hastened, asks, taken_at, give_up_at, record_topic, record_partition, record_offset, record_timestamp,"
        " record_topic_id, record_key, record_headers, record_value from waiting, generate_series(1, 5000) n"
    )
    await connection.execute("analyze submissions, waiting")
    plan = await connection.fetchval(
        "explain (format json) select w.source from waiting w join submissions s using (source, id)"
        " where w.system = 'scripted' and w.due <= clock_timestamp() order by w.due limit 10"
    )
    assert "waiting_due" in json.dumps(plan)
    assert await one.journal.take_due("scripted", 10, ()) == ()
