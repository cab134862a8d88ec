"""Tasks are cancelled until they have ended, whatever they do with a cancellation."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import pytest

from worker import cancelling
from worker.cancelling import PATIENT_TIMES, cancel


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 0.01)


async def _begun(work, name=None):
    task = asyncio.create_task(work, name=name)
    await asyncio.sleep(0)
    return task


async def _loses(cancellations):
    for _ in range(cancellations):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def _fails_when_cancelled():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ValueError("8523031234") from None


@pytest.mark.parametrize("lost", [0, 1, PATIENT_TIMES + 2])
async def test_a_task_that_loses_cancellations_ends_all_the_same(lost):
    tasks = [await _begun(_loses(lost)), await _begun(_loses(0))]

    async with asyncio.timeout(5):
        await cancel(tasks)

    assert all(task.cancelled() for task in tasks)


async def test_what_does_not_end_is_named(caplog):
    task = await _begun(_loses(PATIENT_TIMES + 1), name="notifications")

    async with asyncio.timeout(5):
        await cancel([task])

    told = [(one.message, one.count, one.detail) for one in caplog.records]
    assert told == [("tasks do not end although they are cancelled", 1, "notifications")] * 2


async def test_how_a_task_failed_is_logged_without_its_text(caplog):
    told = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    task = await _begun(_fails_when_cancelled(), name="outbox")

    async with asyncio.timeout(5):
        await cancel([task])
    del task
    gc.collect()

    assert told == []
    (line,) = caplog.records
    assert (line.message, line.error, line.detail) == (
        "a task failed while it was stopped",
        "ValueError",
        "outbox",
    )
    assert "8523031234" not in caplog.text


async def _fails():
    raise ValueError("8523031234")


async def test_nothing_and_what_has_ended_return_at_once(caplog):
    """How it ended was for those who waited for it."""
    ended, failed = await _begun(asyncio.sleep(0)), await _begun(_fails())
    await ended

    async with asyncio.timeout(5):
        await cancel([])
        await cancel([ended, failed])

    assert caplog.records == []
