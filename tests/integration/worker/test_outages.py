"""The journal's database and Kafka go away in the middle of the work, and come back: nobody notices but the clock."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.kafka.cluster import Cluster
from tests.support.worker_hospital import register
from tests.support.worker_ledger import registered_in_order
from tests.support.worker_stage import Stage, eventually, probe, ready, serving, started

PATIENTS = 25
EACH = 4


@pytest.fixture
def fragile(kafka_own, journal_dsn, nhis, tmp_path):
    """A stage whose broker may be killed."""
    return Stage.build(kafka_own.bootstrap, journal_dsn, nhis, tmp_path)


async def test_postgresql_and_the_broker_fail_in_the_middle_of_a_hundred(fragile, kafka_own, pg_server):
    (broker,) = kafka_own.brokers
    patients = [fragile.patient() for _ in range(PATIENTS)]
    published = [register(f"{turn}-{p.number}", p) for turn in range(EACH) for p in patients]
    fragile.nhis.fault("delay", times=None, seconds=0.8)
    async with serving(fragile.config()) as worker, fragile.reading() as answers:
        await fragile.publish(*published)
        await answers.until(lambda it: len(it.replies) >= PATIENTS // 2)
        await asyncio.to_thread(pg_server.stop, "immediate")
        try:
            await asyncio.sleep(2)
            waiting = await probe(worker.health.address, "/readyz")
            assert (await probe(worker.health.address, "/livez")).status == 200
        finally:
            await asyncio.to_thread(pg_server.start)
        assert waiting.status == 503
        assert "journal" in waiting.said["waiting_for"]
        await answers.until(lambda it: len(it.replies) >= 2 * PATIENTS)
        assert len(answers.replies) < len(published), "the broker must fail in the middle too"
        broker.kill9()
        await asyncio.sleep(1.5)
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


async def test_kafka_absent_at_the_start(fragile, kafka_own: Cluster):
    (broker,) = kafka_own.brokers
    broker.kill9()
    async with started(fragile.config()) as worker:
        waiting = await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda found: "Kafka" in str(found.said)
        )
        assert (waiting.status, (await probe(worker.health.address, "/livez")).status) == (503, 200)
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        await ready(worker.health.address)
        async with fragile.reading() as answers:
            await fragile.publish(register("at-last", fragile.patient()))
            await answers.answered(["at-last"])
    assert answers.only("at-last").kind == "accepted"
