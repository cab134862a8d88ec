"""Where signatures are checked, and who does not wait for it."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from worker.systems.kz_shep.trust import Trust

NOW = datetime.now(UTC)


@pytest.fixture
def release(monkeypatch):
    """Hold every check until this event is set."""
    event = threading.Event()

    def verify(document, pinned, *, now):
        assert event.wait(30)

    monkeypatch.setattr("worker.systems.kz_shep.trust.verify_body", verify)
    yield event
    event.set()


async def test_the_event_loops_own_threads_stay_free(release, gateway):
    """There aiohttp looks up host names, for every system."""
    trust = Trust([gateway.certificate], now=lambda: NOW)
    checks = [asyncio.create_task(trust.check(b"%d" % number)) for number in range(50)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 10) == "free"
    assert not any(check.done() for check in checks)
    release.set()
    await asyncio.gather(*checks)
    trust.close()


async def test_checks_that_wait_are_cancelled_at_the_end(release, gateway):
    trust = Trust([gateway.certificate], now=lambda: NOW)
    first, second = (asyncio.create_task(trust.check(document)) for document in (b"1", b"2"))
    await asyncio.sleep(0)
    trust.close()
    release.set()
    await asyncio.wait([first, second], timeout=10)
    assert (first.done(), second.cancelled()) == (True, True)
