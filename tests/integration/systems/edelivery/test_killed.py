"""The worker is killed around every write of a submission: each message is sent once, and each is opened.

On the real journal and against the sandbox. The kill is an exception that leaves the journal's next write undone, or
done without anybody learning of it; another worker then takes the submission over.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from random import Random
from time import monotonic

import pytest

from tests.integration.systems.edelivery.test_messages import message
from tests.support.fakes.journal import reply
from tests.support.fakes.one_delivery import POLICY
from tests.support.fakes.ports import FakeClock, admission
from tests.support.postgres.journal import RealClock, request
from tests.support.systems.edelivery.making import event
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.delivery import Delivery
from worker.pipeline.job import Job
from worker.pipeline.ports import Claimed, Final, State
from worker.pipeline.shutdown import Shutdown

FILE = {"name": "бележка.txt", "content": "aGVsbG8="}
WRITES = {"message.send": 7, "message.open": 7}
"""Of a run that is not killed: a claim, three steps sent, two of them answered before the last, and the end."""


class Crash(BaseException):
    """The worker is gone."""


class Killed:
    """A journal whose worker is killed at one of its writes: before it, or right after it."""

    def __init__(self, journal, at, *, after):
        self._journal, self._at, self._after = journal, at, after
        self.writes = 0

    def __getattr__(self, name):
        found = getattr(self._journal, name)
        if name not in {"claim", "sending", "received", "finish"}:
            return found

        async def write(*args, **options):
            self.writes += 1
            if self.writes == self._at and not self._after:
                raise Crash
            result = await found(*args, **options)
            if self.writes == self._at:
                raise Crash
            return result

        return write


async def deliver(system, journal, told):
    """Claim, deliver and finish, as the engine does."""
    numbers, policy = count(1), replace(POLICY, initial=0.01)
    delivery = Delivery(
        system,
        journal,
        RealClock(),
        policy=lambda _: policy,
        new_id=lambda: f"m-{id(journal)}-{next(numbers)}",
        admission=admission(system, FakeClock()),
        random=Random(1),
    )
    found = await journal.claim(request(told.id, source=told.source, type=told.type))
    assert isinstance(found, Claimed)
    job = Job.resume(told, ContainedSystem(system).rule(told, found.progress), found, Shutdown())
    end = await delivery.run(job)
    await journal.finish(job.ticket, Final(end.state, reply(), None, RealClock().now()), job.received)
    return end.state


async def told_of(name, hospital):
    """Return the event; for an opening, of a message that has arrived with a file."""
    if name == "message.send":
        return event(name, message(FILE), signer="hospital")
    file = {"name": "a.xml", "content": "PGEvPg=="}
    came = await hospital.control("POST", "message", {"subject": "Искане", "files": [file]})
    return event(name, {"messageId": came["messageId"]}, signer="hospital")


POINTS = [
    (name, at, after) for name, most in WRITES.items() for at in range(1, most + 1) for after in (False, True)
]


@pytest.mark.parametrize(
    "point", POINTS, ids=lambda one: f"{one[0]}-{'after' if one[2] else 'before'}-{one[1]}"
)
async def test_killed_at_any_write_it_is_done_once(make, hospital, open_journal, connection, point):
    name, at, after = point
    told, system = await told_of(name, hospital), make()
    with pytest.raises(Crash):
        await deliver(system, Killed(await open_journal("worker-1"), at, after=after), told)
    await connection.execute("update workers set lease_until = clock_timestamp() - interval '1 second'")
    if (at, after) != (WRITES[name], True):  # else its end is durable already
        assert await deliver(system, await open_journal("worker-2"), told) is State.ACCEPTED
    await _is_done_once(name, hospital)
    row = await connection.fetchrow("select state, in_doubt from submissions")
    assert tuple(row) == ("accepted", False)


@pytest.mark.parametrize("name", WRITES)
async def test_a_run_that_is_not_killed_writes_no_more_often(make, hospital, open_journal, name):
    journal = Killed(await open_journal("worker-1"), 0, after=False)
    assert await deliver(make(), journal, await told_of(name, hospital)) is State.ACCEPTED
    assert journal.writes == WRITES[name]


LOST = ("drop-after", "drop-before")


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("operation", ["templates.read", "blobs.upload", "messages.send", "messages.outbox"])
async def test_a_lost_answer_at_any_step_ends_in_one_message(make, hospital, open_journal, operation, kind):
    faults = [{"kind": kind, "times": 1, "match": {"operation": operation}}]
    if operation == "messages.outbox":
        faults.append({"kind": "drop-after", "times": 1, "match": {"operation": "messages.send"}})
    await hospital.control("POST", "faults", faults)
    told = await told_of("message.send", hospital)
    assert await deliver(make(), await open_journal("worker-1"), told) is State.ACCEPTED
    await _is_done_once("message.send", hospital)


async def test_a_message_that_is_processed_after_its_client_gave_up_is_sent_once(
    make, hospital, open_journal
):
    late = {"kind": "delay", "seconds": 3, "times": 1, "match": {"operation": "messages.send"}}
    await hospital.control("POST", "faults", [late])
    told = await told_of("message.send", hospital)
    system, began = make(esb_transport={"answer_timeout": 1}, look_up={"wait_seconds": 5}), monotonic()
    assert await deliver(system, await open_journal("worker-1"), told) is State.ACCEPTED
    await asyncio.sleep(max(began + 5 - monotonic(), 0))  # it is processed by then, whatever was sent besides
    await _is_done_once("message.send", hospital)


HOLDS = {"unknown": State.HELD, "replaced": State.ACCEPTED}


@pytest.mark.parametrize("sent_rnu", HOLDS)
async def test_where_the_system_replaces_numbers_nothing_is_sent_twice(
    make, hospital, open_journal, sent_rnu
):
    await hospital.control("POST", "variants", {"rnu": "replaced"})
    lost = {"kind": "drop-after", "times": 1, "match": {"operation": "messages.send"}}
    await hospital.control("POST", "faults", [lost])
    told = await told_of("message.send", hospital)
    state = await deliver(make(look_up={"sent_rnu": sent_rnu}), await open_journal("worker-1"), told)
    assert state is HOLDS[sent_rnu]
    await _is_done_once("message.send", hospital)


async def _is_done_once(name, hospital):
    messages = (await hospital.control("GET", "ledger"))["messages"]
    if name == "message.send":
        assert [one["recipients"][0]["profileId"] for one in messages] == [201]
        assert len(messages[0]["blobIds"]) == 1
    else:
        (received,) = messages
        mine = [one for one in received["recipients"] if one["profileId"] == 101]
        assert mine[0]["dateReceived"] is not None
