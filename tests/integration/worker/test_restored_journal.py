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


async def reconciled(config, *options):
    done = await beside(config)("journal", "reconcile", "--json", *options)
    assert done.code == 0, done.err
    return json.loads(done.out)


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
    noted = await reconciled(config, "--record", "--by", "operator", "--reason", "restored")
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
