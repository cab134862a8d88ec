"""The window: order within a key, freedom between keys, and bounds."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.ports import settle
from tests.support.fakes.window import HERE, THERE, Work, record
from worker.kafka import window as window_module
from worker.kafka.window import Fill, Window


async def test_one_key_is_worked_in_order_and_one_at_a_time(window: Window, work: Work) -> None:
    window.take([record(1), record(2), record(3)])
    await settle()
    assert work.begun == [1]
    await work.finish(1)
    assert work.begun == [1, 2]
    await work.finish(2, 3)
    assert work.ended == [1, 2, 3]


async def test_a_later_batch_queues_behind_the_key_that_is_in_work(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    window.take([record(2)])
    await settle()
    assert work.begun == [1]
    await work.finish(1)
    assert work.begun == [1, 2]
    await work.finish(2)


async def test_a_key_that_was_finished_begins_anew(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    await work.finish(1)
    window.take([record(2)])
    await settle()
    assert work.begun == [1, 2]
    await work.finish(2)


async def test_different_keys_run_side_by_side(window: Window, work: Work) -> None:
    window.take([record(1, b"a"), record(2, b"a"), record(3, b"b"), record(4, b"c")])
    await settle()
    assert work.begun == [1, 3, 4]
    await work.finish(4, 3)
    assert work.ended == [4, 3]
    assert window.partitions.committable() == {HERE: 1}
    await work.finish(1, 2)
    assert window.partitions.committable() == {HERE: 5}


async def test_one_stuck_key_holds_up_neither_the_others_nor_their_number(window: Window, work: Work) -> None:
    window.take([record(0, b"stuck")])
    for offset in range(1, 200):
        window.take([record(offset, b"%d" % (offset % 7))])
        await settle(3)
        await work.finish(offset)
    assert work.ended == list(range(1, 200))
    assert window.records == 1
    assert window.partitions.committable() == {HERE: 0}
    await work.finish(0)
    assert window.partitions.committable() == {HERE: 200}


async def test_the_same_key_on_two_partitions_is_two_lanes(window: Window, work: Work) -> None:
    window.take([record(1), record(1, partition=1)])
    await settle()
    assert work.begun == [1, 1]
    assert window.partitions.committable() == {HERE: 1, THERE: 1}


@pytest.mark.parametrize("key", [None, b""])
async def test_records_without_a_key_have_no_order(window: Window, work: Work, key: bytes | None) -> None:
    window.take([record(1, key), record(2, key)])
    await settle()
    assert work.begun == [1, 2]
    await work.finish(2, 1)


async def test_it_is_full_by_count_and_has_room_again_at_three_quarters(window: Window, work: Work) -> None:
    window.take(record(offset, b"%d" % offset) for offset in range(8))
    await settle()
    assert window.full
    await work.finish(7)
    assert not window.full
    assert not window.has_room
    await work.finish(3)
    assert window.has_room


async def test_it_is_full_by_bytes_of_keys_and_values(window: Window, work: Work) -> None:
    window.take([record(1, b"ab", b"x" * 497), record(2, b"c", b"x" * 499)])
    await settle()
    assert not window.full
    window.take([record(3, b"d")])
    assert window.full
    await settle()
    await work.finish(3)
    assert not window.full
    assert not window.has_room
    await work.finish(2)
    assert window.has_room


async def test_a_batch_may_overshoot_the_bounds_but_is_taken_whole(window: Window, work: Work) -> None:
    window.take(record(offset, b"%d" % offset) for offset in range(20))
    await settle()
    assert window.full
    assert window.records == 20
    assert len(work.begun) == 20


async def test_progress_is_reported_after_each_record_with_the_counts_already_down(work: Work) -> None:
    seen: list[int] = []
    window = Window(work, max_records=8, max_bytes=1000, on_progress=lambda: seen.append(window.records))
    window.take([record(1), record(2)])
    await settle()
    await work.finish(1, 2)
    assert seen == [1, 0]


class PanicException(BaseException):
    """As a library in Rust raises it: no Exception."""


@pytest.mark.parametrize(
    "error",
    [RuntimeError("a defect"), PanicException(), SystemExit(), GeneratorExit(), asyncio.CancelledError()],
)
async def test_a_defect_neither_loses_the_record_nor_lets_its_key_overtake(
    error: BaseException, window: Window, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_module, "DEFECT_PAUSE", 0.2)
    window.take([record(1), record(2), record(3, b"other")])
    await settle()
    await work.fail(1, error)
    assert work.begun == [1, 3]
    await work.finish(3)
    assert window.partitions.committable() == {HERE: 1}
    async with asyncio.timeout(10):
        while work.begun == [1, 3]:  # noqa: ASYNC110 - the window sets no event
            await asyncio.sleep(0.01)
    assert work.begun == [1, 3, 1]
    await work.finish(1, 2)
    assert work.ended == [3, 1, 2]
    assert window.partitions.committable() == {HERE: 4}


async def test_a_key_whose_task_was_cancelled_is_abandoned_and_those_that_wait_are_not(
    window: Window, work: Work
) -> None:
    window.take([record(1, b"a"), record(2, b"b"), record(3, b"b")])
    await settle()
    assert window.abandoned == 0
    (task,) = (one for one in window.partitions._lanes[HERE].tasks if not one.done() and _works_on(one, b"a"))
    task.cancel()
    await settle()
    assert window.abandoned == 1
    await work.finish(2, 3)
    assert window.abandoned == 1


async def test_it_tells_how_full_it_is_and_how_far_each_partition_is(window: Window, work: Work) -> None:
    window.take([record(1, b"a", b"12345"), record(2, b"b", b"1")])
    await settle()
    assert window.fill == Fill(2, 8, 8, 1000)
    assert window.partitions.offsets_of(HERE) == (None, 3)
    await work.finish(1)
    window.partitions.committed(window.partitions.committable())
    assert window.partitions.offsets_of(HERE) == (2, 3)
    assert window.partitions.offsets_of(THERE) == (None, None)


def _works_on(task: asyncio.Task[None], key: bytes) -> bool:
    frame = task.get_coro().cr_frame  # type: ignore[union-attr]
    return frame is not None and frame.f_locals["key"] == key
