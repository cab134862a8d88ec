"""Producers with transactions: what is rolled back was never submitted, what is committed is answered once."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.kafka.transactions import Aiokafka, KafkaClients, Librdkafka
from tests.support.worker.hospital import Event, register
from tests.support.worker.installation import eventually, herald, serving
from tests.support.worker.kafka import NO_UTF8, ends, partition_of, publish_unreadable
from tests.support.worker.probes import probe

BAD, PARTITIONS = 0, 4
PRODUCERS = {"librdkafka": Librdkafka, "aiokafka": Aiokafka}


@pytest.fixture(params=[*PRODUCERS, "kafka-clients"])
async def producer(request, installation):
    """A producer of each kind; Java's own comes with the tests' Kafka."""
    if request.param == "kafka-clients":
        made = KafkaClients(installation.bootstrap, request.getfixturevalue("kafka_distribution"))
    else:
        made = PRODUCERS[request.param](installation.bootstrap)
    async with made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let an open transaction be told after a moment."""
    monkeypatch.setattr("worker.kafka.open_transactions.TOLD_AFTER", 0.5)


def _events(installation, name, count):
    return [register(f"{name}-{number}", installation.patient()) for number in range(count)]


async def _journalled(installation):
    connection = await asyncpg.connect(installation.dsn)
    try:
        return {row["id"] for row in await connection.fetch("select id from submissions")}
    finally:
        await connection.close()


async def _transaction(producer, installation, events, *, commit):
    await producer.begin()
    await producer.send(installation.topics.submissions, *events)
    await (producer.commit() if commit else producer.abort())


async def _warning(worker):
    return (await probe(worker.health.address, "/readyz")).warned("open-transaction")


async def test_only_what_is_committed_is_submitted_and_the_group_stands_at_the_end(
    installation, nhis, producer
):
    kept, rolled_back = [], []
    async with serving(installation.config()) as worker, installation.reading() as answers:
        for turn in range(3):
            kept += (committed := _events(installation, f"kept-{turn}", 6))
            rolled_back += (aborted := _events(installation, f"gone-{turn}", 6))
            await _transaction(producer, installation, committed, commit=True)
            await _transaction(producer, installation, aborted, commit=False)
        await answers.answered(one.id for one in kept)
        await installation.all_committed()  # which ends with the markers of what was aborted
        await answers.settle()
        assert (await probe(worker.health.address, "/readyz")).said == {"status": "ready", "waiting_for": {}}

    assert {name: len(answers.of(name)) for name in answers.kinds()} == {one.id: 1 for one in kept}
    assert set(answers.kinds().values()) == {"accepted"}
    assert answers.dead_letters == []
    assert await _journalled(installation) == {one.id for one in kept}
    assert len(nhis.registered()) == len(kept)


async def test_nothing_but_an_aborted_transaction_leaves_no_lag(installation, producer):
    """Also for a worker that comes later."""
    await _transaction(producer, installation, _events(installation, "gone", 8), commit=False)
    async with serving(installation.config()):
        await installation.all_committed()
    assert await _journalled(installation) == set()


@pytest.mark.parametrize("commit", [True, False], ids=["later committed", "later aborted"])
async def test_an_open_transaction_holds_back_what_follows_it_and_is_reported(installation, producer, commit):
    patient = installation.patient()
    partition = partition_of(patient.key, PARTITIONS)
    opened, behind = register("opened", patient), register("behind", patient)
    elsewhere = next(
        register("elsewhere", one)
        for one in iter(installation.patient, None)
        if partition_of(one.key, PARTITIONS) != partition
    )
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await producer.begin()
        await producer.send(installation.topics.submissions, opened)
        await installation.publish(behind, elsewhere)
        await answers.answered(["elsewhere"])
        told = await eventually(lambda: _warning(worker), bool)
        assert f"partition {partition} waits at offset 0 since 20" in told
        assert set(answers.kinds()) == {"elsewhere"}
        found = await installation.committed()
        assert found.get(partition, 0) == 0  # the lag is what a monitor sees

        await (producer.commit() if commit else producer.abort())
        await answers.answered(["behind", *(["opened"] if commit else [])])
        await installation.all_committed()
        await eventually(lambda: _warning(worker), lambda told: told is None)
        await answers.settle()

    expected = {"behind", "elsewhere"} | ({"opened"} if commit else set())
    assert set(answers.kinds()) == expected == await _journalled(installation)


async def test_beside_records_that_cannot_be_decoded(installation, producer):
    """A marker, or an aborted batch, right before such a record: one dead letter, and it names the record."""
    kept, bad_at = [], []
    topic, bootstrap = installation.topics.submissions, installation.bootstrap
    ours = (one for one in iter(installation.patient, None) if partition_of(one.key, PARTITIONS) == BAD)
    end = 0
    async with serving(installation.config()), installation.reading() as answers:
        for turn, size in enumerate((1, 5)):
            for commit in (True, False):
                events = [register(f"{turn}-{commit}-{number}", next(ours)) for number in range(size)]
                await _transaction(producer, installation, events, commit=commit)
                kept += events if commit else []
                end += size + 1
                # The producer has heard of the end before its marker is in the topic.
                await eventually(
                    lambda: asyncio.to_thread(ends, bootstrap, topic),
                    lambda found, end=end: found.get(BAD) == end,
                )
                bad_at.append(await publish_unreadable(bootstrap, topic, BAD))
                assert bad_at[-1] == end
                end += 1
        await _transaction(producer, installation, [register("last", next(ours))], commit=False)
        await answers.answered(one.id for one in kept)
        await answers.until(lambda found: len(found.dead_letters) >= len(bad_at))
        await installation.all_committed()
        await answers.settle()

    offsets = sorted(int(one.headers["herald-original-offset"]) for one in answers.dead_letters)
    assert offsets == bad_at
    assert {one.headers["herald-reason"] for one in answers.dead_letters} == {"unreadable-record"}
    assert set(answers.kinds()) == {one.id for one in kept}


async def test_what_shares_a_batch_with_an_undecodable_record_is_submitted(installation):
    ours = (one for one in iter(installation.patient, None) if partition_of(one.key, PARTITIONS) == BAD)
    events = [register(f"mate-{number}", next(ours)) for number in range(6)]
    bad = Event("bad", b"key", b"{}", ((NO_UTF8, b""),))
    topic, bootstrap = installation.topics.submissions, installation.bootstrap
    async with serving(installation.config()), installation.reading() as answers:
        await publish_unreadable(bootstrap, topic, BAD, *events[:3], bad, *events[3:])
        await answers.answered(one.id for one in events)
        await installation.all_committed()
        await answers.settle()
    assert [one.headers["herald-original-offset"] for one in answers.dead_letters] == ["3"]
    assert set(answers.kinds()) == {one.id for one in events}


async def test_watch_shows_no_reply_that_was_rolled_back(installation, producer):
    """Nobody publishes replies so but Herald; another writer on the topic must not be believed all the same."""
    replies, patient = installation.topics.results, installation.patient()
    headers = (("ce_submissionid", b"gone"), ("ce_type", b"nhis.immunization.register.accepted.v1"))
    await producer.begin()
    await producer.send(replies, Event("gone", patient.key, b"{}", headers))
    await producer.abort()
    await installation.publish(register("real", patient))
    async with serving(installation.config()), installation.reading() as answers:
        await answers.answered(["real"])
        arguments = ("--config", installation.config(), "--from-beginning", "--count", "1", "--json")
        seen = await asyncio.to_thread(herald, "watch", *arguments)
    assert '"real"' in seen.stdout
    assert "gone" not in seen.stdout
