"""Records that Kafka deleted before they were read: told until an operator acknowledges it, and nothing else stops."""

from __future__ import annotations

import asyncio
import json

import pytest
from confluent_kafka import TopicPartition

from tests.support.worker.installation import eventually, herald, serving
from tests.support.worker.kafka import ends
from tests.support.worker.positions import answer
from tests.support.worker.probes import probe
from worker.admin.audit_log import newest_entries
from worker.admin.intake import resume_intake, stop_intake
from worker.clock import SystemClock
from worker.journal.intake_stops import IntakeStops
from worker.pipeline.flood.causes import Party, Scope
from worker.pipeline.flood.counting import Flood
from worker.settings.load import load

pytestmark = pytest.mark.usefixtures("looks_often")


async def _warning(worker):
    said = await probe(worker.health.address, "/readyz")
    assert said.status == 200
    return said.warned("lost-records")


def _delete_records(admin, installation, partition, before):
    place = TopicPartition(installation.topics.submissions, partition, before)
    for done in admin.delete_records([place]).values():
        done.result(30)


@pytest.mark.parametrize("offsets", ["kept", "deleted"])
async def test_it_is_reported_until_it_is_acknowledged(installation, admin, one_patient, offsets, caplog):
    config = installation.config()
    partition, read = await answer(installation, *one_patient("a", "b"))
    await installation.publish(*one_patient("lost-1", "lost-2", "lost-3", "kept"))
    await asyncio.to_thread(_delete_records, admin, installation, partition, read + 3)
    if offsets == "deleted":
        admin.delete_consumer_groups([installation.group])[installation.group].result(30)

    expected = f"3 offsets of {installation.topics.submissions}, partition {partition}, from offset {read} on"
    async with installation.reading() as answers:
        async with serving(config) as worker:
            await answers.answered(["kept"])
            assert expected in await _warning(worker)
            (told,) = [one for one in caplog.records if one.message == "records are lost"]
            assert (told.levelname, told.partition, told.lost_offsets) == ("ERROR", partition, 3)
        async with serving(config) as worker:  # also by the next worker
            assert expected in await eventually(lambda: _warning(worker), bool)
            shown = await asyncio.to_thread(herald, "intake", "status", "--config", config)
            assert (shown.returncode, "lost" in shown.stdout) == (0, True)
            shown = await asyncio.to_thread(herald, "intake", "losses", "--json", "--config", config)
            (loss,) = json.loads(shown.stdout)
            assert (loss["system"], loss["partition"], loss["lost"]) == ("nhis", partition, 3)
            done = await asyncio.to_thread(
                herald,
                *("intake", "acknowledge-loss", "nhis", "--by", "operator", "--reason", "asked for again"),
                *("--config", config),
            )
            assert (done.returncode, "3 lost" in done.stderr) == (0, True)
            assert await eventually(lambda: _warning(worker), lambda said: said is None) is None
    assert set(answers.kinds()) == {"a", "b", "kept"}
    newest = (await newest_entries(load(config, {}).journal))[0]
    assert (newest.who, newest.act, newest.system) == ("operator", "acknowledge-loss", "nhis")
    assert (newest.details["from_offset"], newest.details["to_offset"]) == (read, read + 3)


async def test_what_is_deleted_under_a_worker_that_waits_is_reported(installation, admin, one_patient):
    """Its intake stands still for the flood guard's sake, and retention does not."""
    config = installation.config()
    partition, read = await answer(installation, *one_patient("a"))
    async with serving(config) as worker, installation.reading() as answers:
        await stop_intake(load(config, {}), "nhis", who="operator", reason="certificates are exchanged")
        await eventually(lambda: probe(worker.health.address, "/readyz"), lambda said: "stopped" in str(said))
        await asyncio.sleep(1)  # a fetch that was under way has come back
        await installation.publish(*one_patient("lost-1", "lost-2", "kept"))
        await asyncio.to_thread(_delete_records, admin, installation, partition, read + 2)
        await resume_intake(load(config, {}), "nhis", who="operator", reason=None)
        await answers.answered(["kept"])
        assert "2 offsets of" in await eventually(lambda: _warning(worker), bool)
        await installation.all_committed()


async def test_a_topic_recreated_is_read_from_its_start_and_reported(installation, one_patient):
    await answer(installation, *one_patient("a", "b", "c"))
    topic = installation.topics.submissions
    await asyncio.to_thread(installation.topics.delete, installation.bootstrap, topic)
    await asyncio.to_thread(installation.topics.create, installation.bootstrap, 4, topic)
    await installation.publish(*one_patient("new"))
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await answers.answered(["new"])
        assert "an unknown number of offsets" in await eventually(lambda: _warning(worker), bool)
        await installation.all_committed()
        await asyncio.sleep(0.6)
    async with serving(installation.config()):
        shown = await asyncio.to_thread(
            herald, "intake", "losses", "--json", "--config", installation.config()
        )
        assert len(json.loads(shown.stdout)) == 1  # it is told once


async def test_a_topic_recreated_under_a_worker_that_waits_is_read_from_its_start_and_reported(
    installation, one_patient
):
    """The new log reaches beyond the place where the worker stood in the old one."""
    config, topic = installation.config(), installation.topics.submissions
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*one_patient("a", "b", "c"))
        await answers.answered(["a", "b", "c"])
        await stop_intake(load(config, {}), "nhis", who="operator", reason="the topic is recreated")
        await eventually(lambda: probe(worker.health.address, "/readyz"), lambda said: "stopped" in str(said))
        await asyncio.sleep(0.5)  # a fetch that was under way has come back
        await installation.publish(*one_patient("lost"))
        await asyncio.to_thread(installation.topics.delete, installation.bootstrap, topic)
        await asyncio.to_thread(installation.topics.create, installation.bootstrap, 4, topic)
        new = one_patient(*(f"new-{number}" for number in range(6)))
        await installation.publish(*new)
        await resume_intake(load(config, {}), "nhis", who="operator", reason=None)
        await answers.answered(one.id for one in new)
        told = await eventually(lambda: _warning(worker), bool)
        assert f"an unknown number of offsets of {topic}" in told
        await installation.all_committed()


async def test_a_new_group_loses_nothing(installation, admin, one_patient):
    await installation.publish(*one_patient("gone-1", "gone-2", "first"))
    (partition,) = await asyncio.to_thread(ends, installation.bootstrap, installation.topics.submissions)
    await asyncio.to_thread(_delete_records, admin, installation, partition, 2)
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await answers.answered(["first"])
        await installation.all_committed()
        assert await _warning(worker) is None


async def test_what_is_deleted_while_it_is_set_aside_is_reported_and_the_rest_is_answered(
    installation, admin, one_patient
):
    config = installation.config()
    journal, party = load(config, {}).journal, Party(Scope.SIGNER, _signer_of(one_patient))
    partition, read = await answer(installation, *one_patient("a"))
    stops = IntakeStops(journal, SystemClock())
    await stops.stop("nhis", party, Flood("a test stops it", {}), 900)
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*one_patient("lost-1", "lost-2", "kept-1", "kept-2"))
        await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda said: said.warned("intake-stopped", party.name) is not None,
        )
        await asyncio.sleep(1)  # they are read and set aside
        await asyncio.to_thread(_delete_records, admin, installation, partition, read + 2)
        await resume_intake(load(config, {}), "nhis", who="operator", reason=None)
        await answers.answered(["kept-1", "kept-2"])
        told = await eventually(lambda: _warning(worker), lambda found: found is not None)
        assert f"2 offsets of {installation.topics.submissions}, partition {partition}" in told
        assert "2 of them were not answered" in told
        await installation.all_committed()
    await stops.close()
    assert set(answers.kinds()) == {"a", "kept-1", "kept-2"}


def _signer_of(one_patient):
    """Return who signs the patient's events."""
    (event,) = one_patient("x")
    return json.loads(event.value)["signer"]
