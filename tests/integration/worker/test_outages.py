"""The journal's database and Kafka go away in the middle of the work, and come back: nobody notices but the clock."""

from __future__ import annotations

import asyncio
import time

import pytest
from faststream.kafka import KafkaBroker

from tests.support.kafka.cluster import Cluster
from tests.support.worker.hospital import register
from tests.support.worker.installation import (
    Installation,
    eventually,
    serving,
    started,
)
from tests.support.worker.ledger import registered_in_order
from tests.support.worker.metrics import scrape
from tests.support.worker.probes import probe, ready
from worker.app import Worker
from worker.kafka.settings import KafkaSettings

PATIENTS = 25
EACH = 4


@pytest.fixture(scope="module")
def cluster(kafka_distribution, tmp_path_factory):
    """A Kafka of this module's own."""
    with Cluster(kafka_distribution, tmp_path_factory.mktemp("kafka-outages")) as cluster:
        yield cluster


@pytest.fixture
def broker(cluster):
    """Its one broker: may be killed, runs again afterwards."""
    (broker,) = cluster.brokers
    yield broker
    if not broker.running:
        broker.start()
        broker.wait_ready()


@pytest.fixture
def fragile(cluster, broker, journal_dsn, nhis, tmp_path):
    """An installation whose broker may be killed."""
    return Installation.build(cluster.bootstrap, journal_dsn, nhis, tmp_path)


async def test_postgresql_and_the_broker_fail_in_the_middle_of_a_hundred(fragile, broker, pg_server):
    patients = [fragile.patient() for _ in range(PATIENTS)]
    published = [register(f"{turn}-{p.number}", p) for turn in range(EACH) for p in patients]
    fragile.nhis.fault("delay", times=None, seconds=0.6)
    async with serving(fragile.config()) as worker, fragile.reading() as answers:
        await fragile.publish(*published)
        await answers.until(lambda it: len(it.replies) >= PATIENTS // 2)
        await asyncio.to_thread(pg_server.stop, "immediate")
        try:
            await asyncio.sleep(1.5)
            waiting = await probe(worker.health.address, "/readyz")
            assert (await probe(worker.health.address, "/livez")).status == 200
        finally:
            await asyncio.to_thread(pg_server.start)
        assert waiting.status == 503
        assert "journal" in waiting.said["waiting_for"]
        await answers.until(lambda it: len(it.replies) >= 2 * PATIENTS)
        assert len(answers.replies) < len(published), "the broker must fail in the middle too"
        broker.kill9()
        await asyncio.sleep(1)
        assert (await probe(worker.health.address, "/livez")).status == 200
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        await answers.answered((one.id for one in published), seconds=60)
        await answers.settle()
        await fragile.all_committed(30)
        await ready(worker.health.address)

    assert answers.kinds() == {one.id: "accepted" for one in published}
    assert answers.dead_letters == []
    await registered_in_order(fragile, patients, published)


async def test_kafka_absent_at_the_start(fragile, broker):
    broker.kill9()
    async with started(fragile.config()) as worker:
        waiting = await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda found: "Kafka" in str(found.said),
        )
        assert (waiting.status, (await probe(worker.health.address, "/livez")).status) == (
            503,
            200,
        )
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        await ready(worker.health.address)
        async with fragile.reading() as answers:
            await fragile.publish(register("at-last", fragile.patient()))
            await answers.answered(["at-last"])
    assert answers.only("at-last").kind == "accepted"


async def test_while_kafka_is_unavailable_the_worker_lives_and_shows_no_old_lag(fragile, broker, monkeypatch):
    """Kafka's client gives a request up after 1 s in place of 40, and a consumer is dead after 3 in place of 120."""
    monkeypatch.setattr("worker.kafka.progress.DEAD_AFTER", 3)
    for room in ("committed", "topic_ids"):  # what a poll asks before it reads, in place of 3 to 5 s
        monkeypatch.setattr(f"worker.kafka.{room}.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("worker.measuring.metrics.ENDS_SECONDS", 1)
    monkeypatch.setattr("worker.composition.runner.make_broker", _impatient_broker)
    lag = "herald_consumer_lag_records"
    async with serving(fragile.config({"metrics": {"interval": 1}})) as worker:
        await eventually(lambda: scrape(worker.health.address), lambda one: lag in one.names)
        broker.kill9()
        await eventually(lambda: scrape(worker.health.address), lambda one: lag not in one.names)
        statuses = [await _soon(worker, "/livez") for _ in range(12)]
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        await eventually(lambda: scrape(worker.health.address), lambda one: lag in one.names)
    assert statuses == [200] * 12


def _impatient_broker(settings: KafkaSettings) -> KafkaBroker:
    return KafkaBroker(
        list(settings.bootstrap_servers),
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        request_timeout_ms=1000,
    )


async def _soon(worker: Worker, path: str) -> int:
    await asyncio.sleep(0.4)
    return (await probe(worker.health.address, path)).status


async def test_a_worker_stops_in_time_while_kafka_is_unavailable(fragile, broker, monkeypatch):
    monkeypatch.setattr("worker.kafka.aiokafka_sender.STOP_DEADLINE", 1)
    config = fragile.config({"intake": {"drain_seconds": 1, "session_timeout": 2}})
    patients = [fragile.patient() for _ in range(4)]
    fragile.nhis.fault("delay", times=None, seconds=0.7)
    async with serving(config):
        await fragile.publish(*(register(f"r-{one.number}", one) for one in patients))
        await fragile.state("r-0", "sending")
        broker.kill9()
        await fragile.state("r-0", "accepted")
        began = time.monotonic()
    took = time.monotonic() - began
    broker.start()
    await asyncio.to_thread(broker.wait_ready)
    async with serving(config), fragile.reading() as answers:
        await answers.answered(f"r-{one.number}" for one in patients)

    assert took < 6, "a second to drain, another for unacknowledged replies, and what a slow machine takes"
    assert set(answers.kinds().values()) == {"accepted"}
    assert len(fragile.nhis.registered()) == len(patients)
