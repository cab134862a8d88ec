"""`/livez` sees a worker that no longer makes progress, whatever stopped it; an idle one is alive."""

from __future__ import annotations

import asyncio
import contextlib
import time

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving, started
from tests.support.worker.probes import probe, ready

DEAD_AFTER = 1.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let a consumer count as dead after a second."""
    monkeypatch.setattr("worker.kafka.progress.DEAD_AFTER", DEAD_AFTER)


@pytest.fixture
def frozen(monkeypatch):
    """An event: once it is set, polls never return."""
    freeze, poll = asyncio.Event(), AIOKafkaConsumer.getmany

    async def getmany(self, *args, **kwargs):
        if freeze.is_set() and self._group_id:
            await asyncio.Event().wait()
        return await poll(self, *args, **kwargs)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    return freeze


async def _status(worker, wanted):
    found = await eventually(
        lambda: probe(worker.health.address, "/livez"), lambda found: found.status == wanted, 20
    )
    return found.said


def _cancel(name):
    found = [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.endswith(name)]
    assert found, "there is no such task"
    for task in found:
        task.cancel()


async def test_an_idle_consumer_is_alive(installation):
    async with serving(installation.config()) as worker:
        await asyncio.sleep(DEAD_AFTER * 1.5)
        assert (await probe(worker.health.address, "/livez")).status == 200


async def test_a_poll_that_never_returns_is_a_death(installation, frozen):
    async with serving(installation.config()) as worker:
        frozen.set()
        said = await _status(worker, 503)
        assert "has not polled" in said["wrong"]["nhis intake"]


async def test_a_poll_loop_that_has_ended_is_a_death(installation):
    async with serving(installation.config()) as worker:
        _cancel("_run_consume_loop")
        said = await _status(worker, 503)
        assert "has not polled" in said["wrong"]["nhis intake"]


async def test_a_fetching_task_that_has_ended_is_a_death(installation):
    async with serving(installation.config()) as worker:
        _cancel("_fetch_requests_routine")
        said = await _status(worker, 503)
        assert "fetches records" in said["wrong"]["nhis intake"]


async def test_a_commit_task_that_has_ended_is_a_death(installation):
    async with serving(installation.config()) as worker:
        _cancel("_commit_forever")
        said = await _status(worker, 503)
        assert "commit" in said["wrong"]["nhis intake"]


@pytest.mark.parametrize(
    ("task", "check", "told"),
    [
        ("GroupWriter.run", "journal", "journal writer"),
        ("Lease.run", "journal", "journal lease"),
        ("FloodGuard.run", "tasks", "nhis flood guard"),
        ("OffsetResets.run", "tasks", "nhis read positions"),
        ("Serving._refresh", "tasks", "nhis code lists"),
        ("Metrics.run", "tasks", "metrics"),
        ("ScheduledRetention.run", "tasks", "retention"),
        ("ScheduledPulls.run", "tasks", "nhis nomenclatures"),
    ],
)
async def test_a_task_that_must_not_end_is_a_death_when_it_has_ended(installation, task, check, told):
    scheduled = {
        "journal": {"retention": {"enabled": True}},
        "systems": {"nhis": {"nomenclatures": ["CL037"], "nomenclature_pulls": {"enabled": True}}},
    }
    async with serving(installation.config(scheduled)) as worker:
        _cancel(task)
        said = await _status(worker, 503)
        assert said["wrong"][check] == f"a task has ended: {told}"


async def test_records_on_which_nothing_works_any_more_are_a_death(installation, nhis):
    nhis.fault("status", times=None, status=503)
    async with serving(installation.config()) as worker:
        await installation.publish(register("abandoned", installation.patient()))
        await installation.state("abandoned", "claimed", "sending")
        assert (await probe(worker.health.address, "/livez")).status == 200
        _cancel("Window._run_key")
        said = await _status(worker, 503)
        assert said["wrong"]["nhis intake"] == "nothing works on 1 ordering keys that have records"


async def test_a_call_that_never_returns_is_a_death(installation, monkeypatch):
    """The system's timeouts would have ended it: what hangs is Herald."""
    monkeypatch.setattr("worker.pipeline.hanging.LEAST", 0.5)
    monkeypatch.setattr("worker.pipeline.hanging.REQUESTS", 0)

    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr("worker.systems.nhis.system.NhisSystem.prepare", never)
    async with serving(installation.config({"intake": {"drain_seconds": 1}})) as worker:
        await installation.publish(register("hangs", installation.patient()))
        said = await _status(worker, 503)
        assert said["wrong"]["nhis intake"].startswith("a call has not returned for")


async def test_a_blocked_event_loop_answers_no_probe(installation, monkeypatch):
    """Kubernetes takes the time out of the probe for a failure."""
    monkeypatch.setattr("worker.kafka.progress.DEAD_AFTER", 60)  # nothing polls while the loop is blocked
    async with serving(installation.config()) as worker:
        host, port = worker.health.address

        def ask() -> int | None:
            with contextlib.suppress(httpx.TimeoutException):
                return httpx.get(f"http://{host}:{port}/livez", timeout=1, trust_env=False).status_code
            return None

        asked = asyncio.create_task(asyncio.to_thread(ask))
        await asyncio.sleep(0)
        time.sleep(2)  # noqa: ASYNC251 - this is what is tested
        assert await asked is None
        assert await asyncio.to_thread(ask) == 200


async def test_a_full_window_is_no_death(installation, nhis):
    """A paused consumer goes on polling."""
    nhis.fault("status", times=None, status=503)
    config = installation.config({"intake": {"window_records": 3}})
    async with serving(config) as worker, installation.reading() as answers:
        events = [register(f"full-{number}", installation.patient()) for number in range(10)]
        await installation.publish(*events)
        await asyncio.sleep(DEAD_AFTER * 1.5)
        assert (await probe(worker.health.address, "/livez")).status == 200
        nhis.calm()
        await answers.answered(one.id for one in events)


async def test_a_drain_is_no_death(installation, nhis):
    """A restart in the middle of it would abort the exchanges that it waits for."""
    nhis.fault("delay", times=None, seconds=2)
    async with installation.reading() as answers:
        async with started(installation.config({"intake": {"drain_seconds": 5}})) as worker:
            await ready(worker.health.address)
            await installation.publish(register("slow", installation.patient()))
            await installation.state("slow", "sending")
            worker._stop.set()
            said = [one async for one in _until_the_end(worker)]
            assert len(said) > 3
            assert set(said) == {(200, 503)}
        await answers.answered(["slow"])


async def _until_the_end(worker):
    """Yield the statuses of /livez and /readyz while the worker answers."""
    with contextlib.suppress(RuntimeError, httpx.HTTPError):
        while True:
            await asyncio.sleep(0.1)
            address = worker.health.address
            yield (await probe(address, "/livez")).status, (await probe(address, "/readyz")).status
