"""How the window is emptied: a drain, the end of the drain time, and partitions that are given up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.support.fakes.ports import settle
from tests.support.fakes.window import HERE, THERE, Work, record
from worker import cancelling
from worker.kafka.window import Window
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, Shutdown


async def test_a_defects_pause_ends_when_the_worker_shuts_down(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    await work.fail(1, RuntimeError("a defect"))
    async with asyncio.timeout(1):
        await window.drain([HERE], 60)
    assert work.begun == [1]
    assert window.partitions.committable() == {HERE: 1}


async def test_a_drain_lets_the_present_record_finish_and_starts_no_other(window: Window, work: Work) -> None:
    window.take([record(1), record(2), record(3, b"other")])
    await settle()
    drain = asyncio.create_task(window.drain([HERE], 60))
    await settle()
    assert not drain.done()
    assert work.shutdown[1].draining.is_set()
    assert not work.shutdown[1].aborted.is_set()
    await work.finish(1, 3)
    await drain
    assert work.begun == [1, 3]
    assert window.partitions.committable() == {HERE: 2}


async def test_a_drain_concerns_only_its_partitions(window: Window, work: Work) -> None:
    window.take([record(1), record(5, partition=1), record(6, partition=1)])
    await settle()
    drain = asyncio.create_task(window.drain([HERE], 60))
    await settle()
    await work.finish(1)
    await drain
    await work.finish(5)
    assert work.begun == [1, 5, 6]
    assert not work.shutdown[6].draining.is_set()


async def test_what_is_released_stays_uncommitted_with_all_behind_it(window: Window, work: Work) -> None:
    window.take([record(1), record(2), record(3, b"other")])
    await settle()
    drain = asyncio.create_task(window.drain([HERE], 60))
    await settle()
    await work.fail(1, Released())
    await work.finish(3)
    await drain
    assert work.begun == [1, 3]
    assert window.partitions.committable() == {HERE: 1}
    assert window.records == 2


async def test_after_the_drain_time_it_aborts_and_cancels_what_is_in_flight(
    window: Window, work: Work
) -> None:
    window.take([record(1), record(2)])
    await settle()
    async with asyncio.timeout(5):
        await window.stop(0.01)
    assert work.shutdown[1].aborted.is_set()
    assert work.running == {}
    assert work.ended == []
    assert window.partitions.committable() == {HERE: 1}


async def test_abandoned_work_may_write_down_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 5.0)
    written: list[str] = []

    async def process(taken: Record, shutdown: Shutdown) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.02)
            written.append("abandoned")
            raise Released from None

    window = Window(process, max_records=8, max_bytes=1000)
    window.take([record(1)])
    await settle()
    async with asyncio.timeout(2):
        await window.stop(0.01)
    assert written == ["abandoned"]


async def test_even_work_that_hangs_while_writing_cannot_hold_the_drain_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 0.02)

    async def process(taken: Record, shutdown: Shutdown) -> None:
        for _ in range(2):
            try:
                await asyncio.Event().wait()  # the exchange, then a journal that is away
            except asyncio.CancelledError:
                continue
        await asyncio.Event().wait()

    window = Window(process, max_records=8, max_bytes=1000)
    window.take([record(1)])
    await settle()
    async with asyncio.timeout(2):
        await window.stop(0.01)
    assert window.partitions.committable() == {HERE: 1}


async def test_work_that_does_not_end_although_it_is_cancelled_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 0.01)

    async def process(taken: Record, shutdown: Shutdown) -> None:
        for _ in range(cancelling.PATIENT_TIMES + 2):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    window = Window(process, max_records=8, max_bytes=1000)
    window.take([record(1)])
    await settle()
    async with asyncio.timeout(2):
        await window.stop(0.01)
    told = [one for one in caplog.records if "although they are cancelled" in one.message]
    assert [one.count for one in told] == [1, 1]


async def test_a_drain_of_nothing_returns_at_once(window: Window) -> None:
    async with asyncio.timeout(1):
        await window.drain([HERE, ("gone", 7)], 60)


async def test_forgetting_releases_what_was_unfinished_and_only_that(window: Window, work: Work) -> None:
    window.take([record(1, value=b"12345"), record(2), record(3, b"other"), record(9, partition=1)])
    await settle()
    await work.finish(3)
    drain = asyncio.create_task(window.drain([HERE], 60))
    await settle()
    await work.fail(1, Released())
    await drain
    window.forget([HERE, ("gone", 7)])
    assert window.records == 1
    assert window.partitions.committable() == {THERE: 9}
    await work.finish(9)
    assert window.records == 0
    assert window._bytes == 0


async def test_a_forgotten_partition_begins_anew_at_any_offset(window: Window, work: Work) -> None:
    window.take([record(100)])
    await settle()
    await work.finish(100)
    await window.drain([HERE], 60)
    window.forget([HERE])
    window.take([record(40)])
    await settle()
    assert work.begun == [100, 40]
    assert window.partitions.committable() == {HERE: 40}
    await work.finish(40)
    assert window.partitions.committable() == {HERE: 41}


async def test_records_that_come_during_a_drain_are_not_started(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    drain = asyncio.create_task(window.drain([HERE], 60))
    await settle()
    window.take([record(2), record(3, b"new")])
    await work.finish(1)
    await drain
    await settle()
    assert work.begun == [1]
    assert window.partitions.committable() == {HERE: 2}
    window.forget([HERE])
    assert window.records == 0


async def test_what_a_drain_leaves_is_not_abandoned(window: Window, work: Work) -> None:
    window.take([record(1), record(2)])
    await settle()
    await asyncio.gather(window.drain([HERE], 5), _soon(work.finish, 1))
    assert window.records == 1
    assert window.abandoned == 0


async def _soon(finish, *offsets):
    await settle()
    await finish(*offsets)
