"""What is absent when a worker starts: it lives, says what it waits for, and goes on when that comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import httpx
import pytest
from confluent_kafka.admin import AdminClient

from sandbox.nhis.server import Sandbox
from tests.support.kafka.cluster import free_ports
from tests.support.worker.hospital import register
from tests.support.worker.stage import Stage, eventually, herald, probe, ready, started

QUICK = {"journal": {"connect_seconds": 1}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let a worker look again soon."""
    monkeypatch.setattr("worker.startup.PAUSE", 0.2)


async def _waits_for(address, *words):
    """The worker lives, is not ready, and says what it waits for."""
    said = await eventually(
        lambda: _readiness(address),
        lambda found: found is not None and all(word in str(found.said) for word in words),
    )
    assert said.status == 503
    assert (await probe(address, "/livez")).status == 200


async def _readiness(address):
    with contextlib.suppress(httpx.HTTPError):
        return await probe(address, "/readyz")


async def _serves(stage, address):
    await ready(address)
    async with stage.reading() as answers:
        await stage.publish(register("at-last", stage.patient()))
        await answers.answered(["at-last"])
    assert answers.only("at-last").kind == "accepted"


async def test_a_reply_topic_absent(stage):
    missing = stage.topics.errors
    admin = AdminClient({"bootstrap.servers": stage.bootstrap})
    admin.delete_topics([missing])[missing].result(30)
    async with started(stage.config()) as worker:
        await _waits_for(worker.health.address, missing)
        stage.topics.create(stage.bootstrap, 4, missing)
        await _serves(stage, worker.health.address)


async def test_nhis_absent(stage, nhis):
    (port,) = free_ports(1)
    url = f"https://127.0.0.1:{port}"
    config = stage.config({"systems": {"nhis": {"api_url": url, "auth_url": f"{url}/token"}}})
    async with started(config) as worker:
        await _waits_for(worker.health.address, "nhis", "refused")
        async with Sandbox(Path(nhis.ca_file).parent, port=port):
            await _serves(stage, worker.health.address)


@pytest.fixture
def postgresql_comes(pg_server):
    """Stop the server, and return what starts it again; it runs afterwards whatever the test did."""
    stopped = [pg_server]
    pg_server.stop()
    yield lambda: stopped.pop().start()
    for server in stopped:
        server.start()


async def test_postgresql_absent(stage, postgresql_comes):
    async with started(stage.config(QUICK)) as worker:
        await _waits_for(worker.health.address, "journal")
        postgresql_comes()
        await _serves(stage, worker.health.address)


async def test_the_journals_tables_absent(kafka, empty_dsn, nhis, tmp_path):
    stage = Stage.build(kafka.bootstrap, empty_dsn, nhis, tmp_path)
    config = stage.config()
    async with started(config) as worker:
        await _waits_for(worker.health.address, "herald journal migrate")
        migrated = await asyncio.to_thread(herald, "journal", "migrate", "--config", config)
        assert migrated.returncode == 0, migrated.stderr
        await _serves(stage, worker.health.address)


async def test_kafkas_topics_absent(stage):
    admin = AdminClient({"bootstrap.servers": stage.bootstrap})
    topics = stage.topics
    names = [topics.submissions, topics.results, topics.errors, topics.dead_letters]
    for done in admin.delete_topics(names).values():
        done.result(30)
    async with started(stage.config()) as worker:
        await _waits_for(worker.health.address, topics.results, topics.errors, topics.dead_letters)
        topics.create(stage.bootstrap, 2, topics.results, topics.errors, topics.dead_letters)
        await _waits_for(worker.health.address, topics.submissions)
        topics.create(stage.bootstrap, 2, topics.submissions)
        await _serves(stage, worker.health.address)


@pytest.mark.parametrize("absent", ["kafka", "postgresql", "nhis"])
async def test_a_worker_that_waits_stops_at_once_when_told(stage, absent):
    (port,) = free_ports(1)
    nowhere = stage.directory / "nowhere"
    nowhere.write_text(f"postgresql://postgres@127.0.0.1:{port}/journal")
    changes = {
        "kafka": {"kafka": {"bootstrap_servers": f"127.0.0.1:{port}"}},
        "postgresql": {"journal": {"dsn_file": str(nowhere)}},
        "nhis": {"systems": {"nhis": {"api_url": f"https://127.0.0.1:{port}"}}},
    }[absent]
    words = {"kafka": "Kafka", "postgresql": "journal", "nhis": "nhis"}
    async with started(stage.config(changes)) as worker:
        await _waits_for(worker.health.address, words[absent])
        began = time.monotonic()
    assert time.monotonic() - began < 3
