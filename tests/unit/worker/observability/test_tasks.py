"""Tasks that must not end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from worker import cancelling
from worker.observability.tasks import EndlessTasks


async def _forever() -> None:
    await asyncio.Event().wait()


async def _fails() -> None:
    raise ValueError("8523031234")


@pytest.fixture
async def tasks():
    made = EndlessTasks()
    yield made
    await made.end()


async def test_running_ones_are_not_dead(tasks):
    tasks.start("one", _forever())
    await asyncio.sleep(0)
    assert tasks.dead() is None


@pytest.mark.parametrize("work", [_fails, lambda: asyncio.sleep(0)], ids=["failed", "returned"])
async def test_one_that_has_ended_is_named_without_its_error(tasks, work):
    tasks.start("one", _forever())
    tasks.start("other", work())
    await asyncio.sleep(0.01)
    assert tasks.dead() == "a task has ended: other"


async def test_at_the_end_all_are_cancelled_and_none_is_missed(tasks):
    tasks.start("one", _forever())
    tasks.start("other", _fails())
    await asyncio.sleep(0)
    assert await tasks.end()
    assert tasks.dead() is None
    assert not await tasks.end()


async def test_one_that_loses_a_cancellation_does_not_keep_the_end_waiting(monkeypatch):
    """A worker that waited for it would be killed at the end of its grace period."""
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 0.01)

    async def loses_one():
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    made = EndlessTasks()
    made.start("one", loses_one())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await made.end()
