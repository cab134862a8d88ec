"""A worker that dies in the middle: what it had sent is recovered by its rule, and nothing happens twice."""

from __future__ import annotations

import asyncio
import signal

import asyncpg
import pytest

from tests.support.worker.hospital import CANCEL, CERTIFICATE, REACTION, SEARCH, about, register
from tests.support.worker.installation import (
    Installation,
    eventually,
    serving,
    worker_process,
)
from tests.support.worker.ledger import registered_in_order

QUICK_TAKEOVER = {
    "journal": {"lease_seconds": 2},
    "intake": {"session_timeout": 2, "drain_seconds": 25},
}
PATIENT_ONES = {"systems": {"nhis": {"transport": {"answer_timeout": 25, "total_timeout": 30}}}}
"""A worker that would wait for an answer longer than it lives here."""
HANGING = {
    "arrived": ("hang-after", "I001"),
    "lost": ("hang-before", "I001"),
    REACTION: ("hang-after", "I005"),
    CANCEL: ("hang-after", "I011"),
    SEARCH: ("hang-after", "I003"),
    CERTIFICATE: ("hang-before", "I013"),
}


async def _immunized(installation, answers, names):
    """Register a dose for a patient each, and return who they are with their NRNs."""
    people = {name: installation.patient() for name in names}
    await installation.publish(*(register(f"dose for {name}", one) for name, one in people.items()))
    await answers.answered(f"dose for {name}" for name in names)
    return {name: (one, answers.only(f"dose for {name}").json["data"]["nrn"]) for name, one in people.items()}


async def _hang(installation, answers):
    """Publish one submission of each kind; each hangs at NHIS. Return when all are in flight."""
    people = {name: installation.patient() for name in ("arrived", "lost")}
    immunized = await _immunized(installation, answers, [name for name in HANGING if name not in people])
    for name, (fault, message_type) in HANGING.items():
        who = {"patient": people[name].egn} if name in people else {"nrn": immunized[name][1]}
        installation.nhis.fault(fault, match={"messageType": message_type, **who}, seconds=60)
    await installation.publish(*(register(name, one) for name, one in people.items()))
    await installation.publish(*(about(name, name, *one) for name, one in immunized.items()))
    for name in HANGING:
        await installation.state(name, "sending")
    await eventually(
        lambda: asyncio.to_thread(installation.nhis.requests),
        lambda all_: sum(one["outcome"] == "hung" for one in all_) == len(HANGING),
    )
    return immunized


@pytest.mark.parametrize("end", ["kill -9", "the second SIGTERM"])
async def test_what_hung_when_the_worker_died_ends_by_its_recovery_rule(installation, end):
    changes = {**QUICK_TAKEOVER, **PATIENT_ONES}
    async with installation.reading() as answers:
        with worker_process(installation.config(changes)) as worker:
            await worker.ready()
            immunized = await _hang(installation, answers)
            if end == "kill -9":
                worker.kill9()
            else:
                worker.terminate()
                await asyncio.sleep(0.3)
                assert worker.process.poll() is None, "it should wait for what is in flight"
                worker.terminate()
                assert await worker.ended(5) == 128 + signal.SIGTERM
        async with serving(installation.config(changes)):
            await answers.answered(HANGING)
            await answers.settle()
            await installation.all_committed()

    assert {name: answers.only(name).kind for name in HANGING} == {
        **dict.fromkeys(HANGING, "accepted"),
        REACTION: "held",
    }
    assert answers.only("arrived").json["data"]["alreadyRegistered"] is True
    assert answers.only("lost").json["data"].get("alreadyRegistered") is None
    assert answers.only(CANCEL).json["data"]["alreadyCancelled"] is True
    assert answers.only(REACTION).json["code"] == "outcome-unknown"
    assert len(installation.nhis.registered()) == len(HANGING)
    ledger = installation.nhis.ledger()
    assert [one["nrn"] for one in ledger["reactions"]] == [immunized[REACTION][1]]
    assert [one["nrn"] for one in ledger["cancellations"]] == [immunized[CANCEL][1]]


async def test_kill_9_in_the_middle_of_many_loses_and_doubles_nothing(kafka, journal_dsn, nhis, tmp_path):
    """Behind a stuck record nothing can be committed: each next worker reads everything again from there."""
    installation = Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, partitions=1)
    stuck, *patients = (installation.patient() for _ in range(26))
    waves = [
        [register(f"{wave}.{turn}-{p.number}", p) for turn in range(3) for p in patients] for wave in range(2)
    ]
    first = register("stuck", stuck)
    published = [first, *(one for wave in waves for one in wave)]
    nhis.fault("status", match={"patient": stuck.egn}, status=503, times=None)
    nhis.fault("delay", times=None, probability=0.3, seconds=0.05)
    config = installation.config({**QUICK_TAKEOVER, "circuit": {"failures": 1000}})
    not_acknowledged = set()
    async with installation.reading() as answers:
        await installation.publish(first)
        for wave in waves:
            with worker_process(config) as worker:
                await worker.ready()
                await installation.publish(*wave)
                names = {one.id for one in wave}
                await answers.until(lambda it, names=names: _count(it, names) >= len(names) // 2)
                worker.kill9()
            not_acknowledged |= await _not_acknowledged(installation)
        nhis.calm()
        async with serving(config):
            await answers.answered([one.id for one in published])
            await answers.settle()
            await installation.all_committed()

    assert answers.kinds() == dict.fromkeys([one.id for one in published], "accepted")
    assert answers.dead_letters == []
    await registered_in_order(installation, [stuck, *patients], published)
    # The one copy that is allowed: of a reply whose acknowledgement was not in the journal yet.
    copied = {name: len(answers.of(name)) for name in answers.kinds() if len(answers.of(name)) > 1}
    assert set(copied) <= not_acknowledged
    assert all(times <= 1 + len(waves) for times in copied.values())


def _count(answers, names):
    return len({reply.submission for reply in answers.replies} & names)


async def _not_acknowledged(installation):
    """Return the submissions of which the journal does not know that their reply was acknowledged."""
    connection = await asyncpg.connect(installation.dsn)
    try:
        return {row["id"] for row in await connection.fetch("select id from submissions where not answered")}
    finally:
        await connection.close()
