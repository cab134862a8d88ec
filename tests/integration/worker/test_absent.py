"""What is absent when a worker starts: it lives, says what it waits for, and goes on when that comes.

An absent national system keeps no worker from starting.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import httpx
import pytest

from sandbox.nhis.server import Sandbox
from tests.support.kafka.cluster import free_ports
from tests.support.worker.hospital import register
from tests.support.worker.installation import (
    Installation,
    eventually,
    herald,
    started,
)
from tests.support.worker.metrics import scrape
from tests.support.worker.probes import probe, ready

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
    up = await probe(address, "/startupz")
    assert (up.status, up.said["status"]) == (200, "started")
    assert up.said["waiting_for"]


async def _readiness(address):
    with contextlib.suppress(httpx.HTTPError):
        return await probe(address, "/readyz")


async def _serves(installation, address):
    await ready(address)
    async with installation.reading() as answers:
        await installation.publish(register("at-last", installation.patient()))
        await answers.answered(["at-last"])
    assert answers.only("at-last").kind == "accepted"


async def test_a_reply_topic_absent(installation):
    missing = installation.topics.errors
    await asyncio.to_thread(installation.topics.delete, installation.bootstrap, missing)
    async with started(installation.config()) as worker:
        await _waits_for(worker.health.address, missing)
        installation.topics.create(installation.bootstrap, 4, missing)
        await _serves(installation, worker.health.address)


async def test_nhis_absent(installation, nhis):
    (port,) = free_ports(1)
    url = f"https://127.0.0.1:{port}"
    config = installation.config({"systems": {"nhis": {"api_url": url, "auth_url": f"{url}/token"}}})
    async with started(config) as worker:
        await ready(worker.health.address)
        told = await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda one: one.warned("probe-failing") is not None,
        )
        assert (told.status, "refused" in told.warned("probe-failing")) == (200, True)
        async with Sandbox(Path(nhis.ca_file).parent, port=port):
            await _serves(installation, worker.health.address)


@pytest.fixture
def postgresql_comes(pg_server):
    """Stop the server, and return what starts it again; it runs afterwards whatever the test did."""
    stopped = [pg_server]
    pg_server.stop()
    yield lambda: stopped.pop().start()
    for server in stopped:
        server.start()


async def test_postgresql_absent(installation, postgresql_comes):
    async with started(installation.config(QUICK)) as worker:
        await _waits_for(worker.health.address, "PostgreSQL cannot be reached")
        postgresql_comes()
        await _serves(installation, worker.health.address)


async def test_the_journals_tables_absent(kafka, empty_dsn, nhis, tmp_path):
    installation = Installation.build(kafka.bootstrap, empty_dsn, nhis, tmp_path)
    config = installation.config()
    async with started(config) as worker:
        await _waits_for(worker.health.address, "herald journal migrate")
        pending = "herald_journal_migrations_pending"
        assert (await scrape(worker.health.address)).value(pending) == 1
        migrated = await asyncio.to_thread(herald, "journal", "migrate", "--config", config)
        assert migrated.returncode == 0, migrated.stderr
        await _serves(installation, worker.health.address)
        assert (await scrape(worker.health.address)).value(pending) == 0


async def test_kafkas_topics_absent(installation):
    topics = installation.topics
    names = [topics.submissions, topics.results, topics.errors, topics.dead_letters]
    await asyncio.to_thread(topics.delete, installation.bootstrap, *names)
    async with started(installation.config()) as worker:
        await _waits_for(worker.health.address, topics.results, topics.errors, topics.dead_letters)
        topics.create(installation.bootstrap, 2, topics.results, topics.errors, topics.dead_letters)
        await _waits_for(worker.health.address, topics.submissions)
        topics.create(installation.bootstrap, 2, topics.submissions)
        await _serves(installation, worker.health.address)


@pytest.mark.parametrize("absent", ["kafka", "postgresql"])
async def test_a_worker_that_waits_stops_at_once_when_asked(installation, absent):
    (port,) = free_ports(1)
    nowhere = installation.directory / "nowhere"
    nowhere.write_text(f"postgresql://postgres@127.0.0.1:{port}/journal")
    changes = {
        "kafka": {"kafka": {"bootstrap_servers": f"127.0.0.1:{port}"}},
        "postgresql": {"journal": {"dsn_file": str(nowhere)}},
    }[absent]
    words = {"kafka": "Kafka", "postgresql": "PostgreSQL cannot be reached"}
    async with started(installation.config(changes)) as worker:
        await _waits_for(worker.health.address, words[absent])
        began = time.monotonic()
    assert time.monotonic() - began < 3
