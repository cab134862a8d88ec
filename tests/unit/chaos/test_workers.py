"""The processes of a run: each that was ordered is noted, so that its end is accounted for."""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.workers import Workers


async def test_a_process_that_was_ordered_is_noted_though_nobody_waits_for_it_any_more(tmp_path, monkeypatch):
    workers, ordered, started = Workers(tmp_path / "herald.yaml", tmp_path), asyncio.Event(), asyncio.Event()

    async def order(_order):
        ordered.set()
        await started.wait()
        return 4711

    monkeypatch.setattr(workers, "_order", order)
    starting = asyncio.create_task(workers.start())
    await ordered.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    started.set()
    async with workers._starting:  # the order has been noted when it is free again
        assert [one.pid for one in workers.processes] == [4711]
