"""How late the event loop is."""

from __future__ import annotations

import asyncio
import time

import pytest

from worker.observability import heartbeat
from worker.observability.heartbeat import Heartbeat


async def test_a_blocked_loop_is_late_by_what_blocked_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)
    late: list[float] = []
    beats = asyncio.create_task(Heartbeat(late.append).run())
    await asyncio.sleep(0.12)
    undisturbed = list(late)
    time.sleep(0.3)  # noqa: ASYNC251 - this is what is measured
    await asyncio.sleep(0.1)
    beats.cancel()
    assert undisturbed
    assert all(one >= 0 for one in late)
    assert max(late) > 0.2
