"""The journal is restored to an older point: reconcile lists what it has forgotten, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from confluent_kafka.admin import AdminClient

from tests.support.cli.commands import beside
from tests.support.postgres.dump import dump, restore
from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def restored_dsn(pg_server):
    """An empty database, to restore into."""
    dsn = pg_server.create_database()
    yield dsn
    pg_server.drop_database(dsn)


IN_PROGRESS = """
update submissions set state = 'claimed', in_doubt = false, attempts = 0, owner = 'gone', answered = false,
    finished_at = null, reply_topic = null, reply_value = null where id = 'before'
"""
"""The backup was made while this one was in progress: it was sent and answered afterwards."""


RECORD = ("--record", "--by", "operator", "--reason", "restored")


async def reconcile(config, *options):
    return await beside(config)("journal", "reconcile", "--json", *options)


async def reconciled(config, *options):
    done = await reconcile(config, *options)
    assert (done.code, done.err) == (0, ""), done
    return json.loads(done.out)


def forget_offsets(installation):
    """Delete the group, as if Kafka had let its offsets expire."""
    admin = AdminClient({"bootstrap.servers": installation.bootstrap})
    for done in admin.delete_consumer_groups([installation.group]).values():
        done.result(30)


async def forget_replies(installation):
    """Delete what the results topic has so far, as its retention does."""
    client = AIOKafkaAdminClient(bootstrap_servers=installation.bootstrap)
    await client.start()
    try:
        wanted = {
            TopicPartition(installation.topics.results, n): RecordsToDelete(before_offset=-1)
            for n in range(4)
        }
        await client.delete_records(wanted)
    finally:
        await client.close()


async def all_answered(dsn):
    connection = await asyncpg.connect(dsn)
    count = "select count(*) from submissions where not answered"
    await eventually(lambda: connection.fetchval(count), lambda left: left == 0)
    await connection.close()


async def test_what_a_restored_journal_has_forgotten_is_listed_and_not_sent_twice(installation, restored_dsn):
    config = installation.config()
    before, arrived, answered = (
        register(name, installation.patient()) for name in ("before", "arrived", "answered")
    )
    async with installation.reading() as answers, serving(config):
        await installation.publish(before)
        await answers.answered(["before"])
        await installation.all_committed()
        await all_answered(installation.dsn)
        backup = await asyncio.to_thread(dump, installation.dsn)
        await installation.publish(arrived)
        await answers.answered(["arrived"])
        await installation.all_committed()
        await forget_replies(installation)
        await installation.publish(answered)
        await answers.answered(["answered"])
        await installation.all_committed()
    registered = dict(installation.nhis.registered())
    assert len(registered) == 3

    dsn = restored_dsn
    await asyncio.to_thread(restore, dsn, backup)
    connection = await asyncpg.connect(dsn)
    await connection.execute(IN_PROGRESS)
    await connection.close()
    older = replace(installation, dsn=dsn)
    config = older.config()
    found = await reconciled(config)
    assert {(one["id"], one["finding"]) for one in found["forgotten"]} == {
        ("arrived", "arrived"),
        ("before", "arrived"),
        ("answered", "answered"),
    }
    assert not any(one["recorded"] for one in found["forgotten"])
    unasked = await reconciled(config, "--no-look-up")
    assert {one["finding"] for one in unasked["forgotten"]} == {"unknown", "answered"}
    noted = await reconciled(config, *RECORD)
    assert all(one["recorded"] for one in noted["forgotten"])
    assert (await reconciled(config))["forgotten"] == []

    requests = len(installation.nhis.requests())
    async with older.reading() as again, serving(config):
        await older.publish(answered)
        await again.answered(["answered"])
        assert len(installation.nhis.requests()) == requests
        # Nobody has the answers to these: by their recovery rule they are sent under their LRN, which NHIS recognizes.
        await older.publish(before, arrived)
        await again.answered(["before", "arrived"])
        await older.all_committed()
    assert dict(installation.nhis.registered()) == registered
    for name in ("before", "arrived", "answered"):
        assert again.only(name).json["data"]["nrn"] == answers.of(name)[0].json["data"]["nrn"]
    (state,) = await older.details(["arrived"])
    assert state.submission.state == "accepted"


async def test_a_forgotten_failure_can_be_replayed_whatever_became_of_the_groups_offsets(
    installation, restored_dsn
):
    config = installation.config()
    backup = await asyncio.to_thread(dump, installation.dsn)
    patient = installation.patient()
    installation.nhis.fault("status", match={"patient": patient.egn}, status=413)
    async with installation.reading() as answers, serving(config):
        await installation.publish(register("failed", patient), register("well", installation.patient()))
        await answers.answered(["failed", "well"])
        await installation.all_committed()
        watched = await reconcile(config)
        refused = await reconcile(config, *RECORD)
    installation.nhis.calm()
    (letter,) = answers.dead_letters
    assert (watched.code, "Workers of nhis run" in watched.err) == (0, True), watched
    assert (refused.code, "Nothing was recorded, because workers of nhis run" in refused.err) == (1, True), (
        refused
    )

    await asyncio.to_thread(restore, restored_dsn, backup)
    older = replace(installation, dsn=restored_dsn)
    config = older.config()
    await asyncio.to_thread(forget_offsets, older)
    blind = await reconcile(config)
    assert blind.code == 1
    assert "Not compared: " in blind.err
    assert "Run it again with --read-to-end" in blind.err
    told = json.loads(blind.out)
    assert (told["read"], told["forgotten"]) == (0, [])
    assert {(one["system"], one["group"]) for one in told["not_compared"]} == {("nhis", older.group)}

    noted = await reconciled(config, "--read-to-end", *RECORD)
    name = letter.headers["herald-dead-letter-id"]
    found = {one["id"]: (one["detail"], one["dead_letter"], one["recorded"]) for one in noted["forgotten"]}
    assert found == {"failed": ("failed", name, True), "well": ("accepted", None, True)}

    requests = len(installation.nhis.requests())
    async with older.reading() as again, serving(config):
        done = await beside(config)(
            "dead-letters", "replay", name, "--by", "nurse", "--reason", "NHIS takes it"
        )
        assert done.code == 0, done.err
        await again.until(lambda it: it.of("failed"))
        await older.all_committed()
    assert [(one.kind, one.headers["ce_revision"]) for one in again.of("failed")][-1] == ("accepted", "2")
    assert len([one for one in installation.nhis.requests()[requests:] if one["messageType"] == "I001"]) == 1
    assert len(installation.nhis.registered()) == 2
