"""A collector that is unavailable or hangs costs the submissions nothing, and what is lost is counted."""

from __future__ import annotations

import time

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.metrics import scrape
from tests.support.worker.otlp_sink import collecting
from worker.observability.tracing.building import FLUSH_SECONDS

COUNT = 40
DROPPED = "herald_spans_dropped_total"


async def _paced(installation, answers, name) -> float:
    """Return the seconds that a number of patients' submissions take."""
    events = [register(f"{name}-{n}", installation.patient()) for n in range(COUNT)]
    began = time.monotonic()
    await installation.publish(*events)
    await answers.answered(one.id for one in events)
    return time.monotonic() - began


@pytest.mark.parametrize("mode", ["hang", "absent"])
async def test_submissions_go_on_at_the_same_pace(installation, mode):
    async with collecting() as sink, installation.reading() as answers:
        url = "http://127.0.0.1:9" if mode == "absent" else sink.url
        tracing = {"enabled": True, "endpoint": url, "timeout": 1}
        async with serving(installation.config({"tracing": tracing})) as worker:
            await _paced(installation, answers, "warm")
            normal = await _paced(installation, answers, "normal")
            sink.mode = mode
            slow = await _paced(installation, answers, "slow")
            await eventually(
                lambda: scrape(worker.health.address),
                lambda one: (one.value(DROPPED, reason="not-taken") or 0) > 0,
            )
            ended = time.monotonic()
        stopped = time.monotonic() - ended
    assert slow < normal * 2 + 1
    assert stopped < FLUSH_SECONDS + 6


async def test_spans_beyond_the_bound_are_dropped_and_counted(installation, monkeypatch):
    monkeypatch.setattr("worker.observability.tracing.building.MOST_WAITING", 20)
    async with collecting() as sink, installation.reading() as answers:
        sink.mode = "hang"
        tracing = {"enabled": True, "endpoint": sink.url, "timeout": 60}
        async with serving(installation.config({"tracing": tracing})) as worker:
            await _paced(installation, answers, "full")
            found = await scrape(worker.health.address)
    assert found.value(DROPPED, reason="queue-full") > 200
    assert found.value(DROPPED, reason="not-taken") == 0


async def test_without_traces_there_is_no_such_series(installation):
    async with serving(installation.config()) as worker:
        assert DROPPED not in (await scrape(worker.health.address)).names
