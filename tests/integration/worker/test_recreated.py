"""A topic that is recreated while no worker reads it, and a journal that is older than Kafka's offsets."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from tests.support.postgres import version_0005
from tests.support.worker.installation import (
    eventually,
    herald,
    serving,
    worker_process,
)
from tests.support.worker.positions import answer, position_read
from tests.support.worker.probes import probe
from worker.admin.intake import resume_intake, stop_intake
from worker.settings.load import load

pytestmark = pytest.mark.usefixtures("looks_often")


async def _recreate(installation):
    topic = installation.topics.submissions
    await asyncio.to_thread(installation.topics.delete, installation.bootstrap, topic)
    await asyncio.to_thread(installation.topics.create, installation.bootstrap, 4, topic)


async def _commit(installation, admin, partition, offset):
    """Set the group's offset, as a broker that kept it, or a tool, would leave it."""
    at = [TopicPartition(installation.topics.submissions, partition, offset)]
    asked = [ConsumerGroupTopicPartitions(installation.group, at)]

    async def commit():
        """Kafka refuses this until the session of a worker that was killed has ended."""
        (done,) = admin.alter_consumer_group_offsets(asked).values()
        try:
            return await asyncio.to_thread(done.result, 30)
        except KafkaException:
            return None

    await eventually(commit, bool)


async def _warning(worker, kind="lost-records"):
    said = await probe(worker.health.address, "/readyz")
    return said.warned(kind)


async def _losses(installation):
    shown = await asyncio.to_thread(herald, "intake", "losses", "--json", "--config", installation.config())
    return [(one["partition"], one["from_offset"], one["lost"]) for one in json.loads(shown.stdout)]


async def _sql(installation, statement, *arguments):
    connection = await asyncpg.connect(installation.dsn)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("new", "offsets"),
    [(1, "deleted with the topic"), (3, "kept"), (5, "deleted with the topic"), (5, "kept")],
)
async def test_it_is_read_from_its_start_and_told_once(installation, admin, one_patient, new, offsets):
    again, *_ = old = one_patient("a", "b", "c")
    partition, read = await answer(installation, *old)
    await installation.publish(*one_patient("lost"))
    await _recreate(installation)
    if offsets == "kept":
        await _commit(installation, admin, partition, read)
    names = [f"new-{number}" for number in range(new - 1)]
    await installation.publish(again, *one_patient(*names))  # one that was answered before
    async with installation.reading() as answers:
        for _ in range(2):  # also after a restart
            async with serving(installation.config()) as worker:
                await answers.answered(names)
                told = await eventually(lambda worker=worker: _warning(worker), bool)
                assert f"an unknown number of offsets of {installation.topics.submissions}" in told
                await eventually(installation.committed, lambda it: it.get(partition) == new)
        await answers.settle()
    assert await _losses(installation) == [(partition, read, None)]
    assert set(answers.kinds().values()) == {"accepted"}
    assert len(installation.nhis.registered()) == len(old) + new - 1


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "while intake was stopped"])
async def test_a_worker_killed_just_after_leaves_it_to_the_next(installation, admin, one_patient, waits):
    config = installation.config({"journal": {"lease_seconds": 2}, "intake": {"session_timeout": 2}})
    old, new = one_patient("a", "b", "c"), one_patient(*(f"new-{number}" for number in range(6)))
    async with installation.reading() as answers:
        with worker_process(config) as worker:
            await worker.ready()
            await installation.publish(*old)
            await answers.answered(one.id for one in old)
            partition, read = await position_read(installation)
            if waits:
                await stop_intake(load(config, {}), "nhis", who="operator", reason="the topic is recreated")
                await asyncio.sleep(3)
            await _recreate(installation)
            await installation.publish(*new)
            worker.kill9()
        if waits:
            await _commit(installation, admin, partition, read)
            await resume_intake(load(config, {}), "nhis", who="operator", reason=None)
        async with serving(config) as worker:
            await answers.answered(one.id for one in new)
            assert "an unknown number" in await eventually(lambda: _warning(worker), bool)
            await eventually(installation.committed, lambda it: it.get(partition) == len(new))
    assert (partition, read, None) in await _losses(installation)
    assert len(installation.nhis.registered()) == len(old) + len(new)


async def test_a_version_that_notes_no_id_is_followed_without_a_false_alarm(installation, admin, one_patient):
    """It reads the recreated topic, and leaves the id of the old one beside the offset of the new one."""
    topic = installation.topics.submissions
    partition, _ = await answer(installation, *one_patient("a", "b", "c"))
    await _recreate(installation)
    await installation.publish(*one_patient("of the version before", "new"))
    await _commit(installation, admin, partition, 1)
    await _sql(installation, version_0005.NOTE, installation.group, [topic], [partition], [1])
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await answers.answered(["new"])
        await installation.all_committed()
        assert await _warning(worker) is None
    assert "of the version before" not in answers.kinds()
    (row,) = await _sql(
        installation,
        "select next_offset, topic_id, topic_id_at = noted_at as holds from intake_positions where partition = $1",
        partition,
    )
    assert (row["next_offset"], row["holds"]) == (2, True)


async def test_a_journal_that_is_older_than_the_groups_offset_is_told_once(installation, one_patient, caplog):
    partition, _ = await answer(installation, *one_patient("a"))
    ((backup),) = await _sql(installation, "select * from intake_positions where partition = $1", partition)
    _, read = await answer(installation, *one_patient("b", "c"))
    await _sql(
        installation,
        "update intake_positions set next_offset = $1, noted_at = $2, topic_id_at = $2 where partition = $3",
        backup["next_offset"],
        backup["noted_at"],
        partition,
    )
    for _ in range(2):
        async with serving(installation.config()) as worker:
            told = await eventually(lambda worker=worker: _warning(worker, "journal-behind"), bool)
            assert (
                f"2 offsets of {installation.topics.submissions}, partition {partition}, from offset 1"
                in told
            )
            assert "the journal does not know how they ended" in told
            assert await _warning(worker) is None
    shown = await asyncio.to_thread(herald, "intake", "losses", "--config", installation.config())
    assert "Do not ask the senders" in shown.stdout + shown.stderr
    assert "lost before they were read" not in shown.stdout + shown.stderr
    said = [
        one
        for one in caplog.records
        if one.message == "the journal is older than the group's offset in Kafka"
    ]
    assert [(one.levelname, one.partition, one.offset, one.lost_offsets) for one in said] == [
        ("ERROR", partition, 1, 2)
    ]
    assert await _losses(installation) == [(partition, 1, read - 1)]


@pytest.mark.parametrize("set_to", [0, 3], ids=["back", "forward"])
async def test_offsets_that_an_operator_sets_are_no_alarm(installation, admin, one_patient, set_to):
    partition, _ = await answer(installation, *one_patient("a"))
    await installation.publish(*one_patient("b", "c", "d"))
    await _commit(installation, admin, partition, set_to)
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await answers.answered(["d"])
        await installation.all_committed()
        assert [await _warning(worker, kind) for kind in ("lost-records", "journal-behind")] == [None, None]
    assert await _losses(installation) == []
