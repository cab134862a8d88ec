"""The window: order within a key, freedom between keys, bounds, and how it is emptied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.support.fakes.ports import settle
from worker.kafka import window as window_module
from worker.kafka.window import Fill, Window
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, SetAside, Shutdown

WAITS = Hold(Party(Scope.SOURCE, "/his/a"), stopped=True)
HERE = ("submissions", 0)
THERE = ("submissions", 1)


def record(offset: int, key: bytes | None = b"k", value: bytes = b"", partition: int = 0) -> Record:
    return Record("submissions", partition, offset, 0, key, value, ())


@dataclass
class Work:
    """A process function whose every step the test controls."""

    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    running: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    shutdown: dict[int, Shutdown] = field(default_factory=dict)

    async def __call__(self, taken: Record, shutdown: Shutdown) -> None:
        self.begun.append(taken.offset)
        self.shutdown[taken.offset] = shutdown
        self.running[taken.offset] = asyncio.get_running_loop().create_future()
        try:
            await self.running[taken.offset]
        finally:
            del self.running[taken.offset]
        self.ended.append(taken.offset)

    async def finish(self, *offsets: int) -> None:
        for offset in offsets:
            self.running[offset].set_result(None)
            await settle()

    async def fail(self, offset: int, error: BaseException) -> None:
        self.running[offset].set_exception(error)
        await settle()


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def window(work: Work, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Window]:
    monkeypatch.setattr(window_module, "ABANDON_PAUSE", 0.01)
    made = Window(work, max_records=8, max_bytes=1000)
    yield made
    await made.stop(0)


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
    assert window.committable() == {HERE: 1}
    await work.finish(1, 2)
    assert window.committable() == {HERE: 5}


async def test_one_stuck_key_holds_up_neither_the_others_nor_their_number(window: Window, work: Work) -> None:
    window.take([record(0, b"stuck")])
    for offset in range(1, 200):
        window.take([record(offset, b"%d" % (offset % 7))])
        await settle(3)
        await work.finish(offset)
    assert work.ended == list(range(1, 200))
    assert window.records == 1
    assert window.committable() == {HERE: 0}
    await work.finish(0)
    assert window.committable() == {HERE: 200}


async def test_the_same_key_on_two_partitions_is_two_lanes(window: Window, work: Work) -> None:
    window.take([record(1), record(1, partition=1)])
    await settle()
    assert work.begun == [1, 1]
    assert window.committable() == {HERE: 1, THERE: 1}


@pytest.mark.parametrize("key", [None, b""])
async def test_records_without_a_key_have_no_order(window: Window, work: Work, key: bytes | None) -> None:
    window.take([record(1, key), record(2, key)])
    await settle()
    assert work.begun == [1, 2]
    await work.finish(2, 1)


async def test_what_is_committed_is_reported_once(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    await work.finish(1)
    window.committed({HERE: 2, ("gone", 3): 7})
    assert window.committable() == {}


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
    monkeypatch.setattr(window_module, "DEFECT_PAUSE", 0.02)
    window.take([record(1), record(2), record(3, b"other")])
    await settle()
    await work.fail(1, error)
    assert work.begun == [1, 3]
    await work.finish(3)
    assert window.committable() == {HERE: 1}
    await asyncio.sleep(0.05)
    assert work.begun == [1, 3, 1]
    await work.finish(1, 2)
    assert work.ended == [3, 1, 2]
    assert window.committable() == {HERE: 4}


async def test_a_defects_pause_ends_when_the_worker_shuts_down(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    await work.fail(1, RuntimeError("a defect"))
    async with asyncio.timeout(1):
        await window.drain([HERE], 60)
    assert work.begun == [1]
    assert window.committable() == {HERE: 1}


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
    assert window.committable() == {HERE: 2}


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
    assert window.committable() == {HERE: 1}
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
    assert window.committable() == {HERE: 1}


async def test_abandoned_work_may_write_down_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "ABANDON_PAUSE", 5.0)
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
    monkeypatch.setattr(window_module, "ABANDON_PAUSE", 0.02)

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
    assert window.committable() == {HERE: 1}


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
    assert window.committable() == {THERE: 9}
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
    assert window.committable() == {HERE: 40}
    await work.finish(40)
    assert window.committable() == {HERE: 41}


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
    assert window.committable() == {HERE: 2}
    window.forget([HERE])
    assert window.records == 0


async def test_what_was_in_work_when_offsets_went_back_leaves_the_count_with_its_partition(
    window: Window, work: Work
) -> None:
    window.take([record(5), record(6), record(7, key=b"other")])
    await settle()
    window.take([record(0, key=b"new")])  # the topic was recreated
    await settle()
    assert window.records == 4
    for offset in (0, 5, 7):
        await work.fail(offset, Released())
    window.forget([HERE])
    assert window.records == 0


async def test_what_is_set_aside_leaves_the_window_with_what_follows_under_its_key(
    window: Window, work: Work
) -> None:
    window.take([record(1, b"k", b"123"), record(2, b"k"), record(3, b"other")])
    await settle()
    await work.fail(1, SetAside(WAITS))
    assert window.records == 1
    window.take([record(4, b"k"), record(5, b"new")])
    await settle()
    assert work.begun == [1, 3, 5]
    await work.finish(3, 5)
    assert window._bytes == 0
    assert window.committable() == {HERE: 1}
    assert window.set_aside == {WAITS.party: 3}


async def test_it_is_read_again_and_what_was_finished_is_passed_over(window: Window, work: Work) -> None:
    first = [record(1, b"k"), record(2, b"other"), record(3, b"k"), record(4, b"new")]
    window.take(first)
    await settle()
    await work.finish(2)
    await work.fail(1, SetAside(WAITS))
    assert window.read_again() == {HERE: 1}
    assert window.next_offset(HERE) == 1
    window.take(first)
    await settle()
    assert work.begun == [1, 2, 4, 1]  # 4 is still in flight
    await work.finish(1, 3, 4)
    assert window.committable() == {HERE: 5}
    assert window.next_offset(HERE) == 5
    assert window.read_again() == {}


async def test_what_was_deleted_meanwhile_is_reported_before_it_is_committed_past(
    window: Window, work: Work
) -> None:
    window.take([record(1, b"k"), record(2, b"l"), record(3, b"m")])
    await settle()
    for offset in (1, 3):
        await work.fail(offset, SetAside(WAITS))
    await work.finish(2)
    assert window.read_again() == {HERE: 1}
    window.go_on_from(HERE, 3)
    assert window.gone == {HERE: [1]}
    assert window.committable() == {HERE: 1}
    window.written_off(HERE, [1])
    assert window.gone == {}
    assert window.committable() == {HERE: 3}
    window.take([record(3, b"m")])
    await settle()
    await work.finish(3)
    assert window.committable() == {HERE: 4}


async def test_a_partition_of_which_much_was_set_aside_is_crowded_until_it_is_read_again(work: Work) -> None:
    window = Window(work, max_records=8, max_bytes=1000, max_set_aside=2)
    window.take([record(1, b"k"), record(2, b"k")])
    await settle()
    assert not window.is_crowded(HERE)
    await work.fail(1, SetAside(WAITS))
    assert window.is_crowded(HERE)
    assert not window.is_crowded(THERE)
    window.read_again()
    assert not window.is_crowded(HERE)


async def test_a_key_whose_task_was_cancelled_is_abandoned_and_those_that_wait_are_not(
    window: Window, work: Work
) -> None:
    window.take([record(1, b"a"), record(2, b"b"), record(3, b"b")])
    await settle()
    assert window.abandoned == 0
    (task,) = (one for one in window._lanes[HERE].tasks if not one.done() and _works_on(one, b"a"))
    task.cancel()
    await settle()
    assert window.abandoned == 1
    await work.finish(2, 3)
    assert window.abandoned == 1


async def test_what_a_drain_leaves_is_not_abandoned(window: Window, work: Work) -> None:
    window.take([record(1), record(2)])
    await settle()
    await asyncio.gather(window.drain([HERE], 5), _soon(work.finish, 1))
    assert window.records == 1
    assert window.abandoned == 0


async def test_offsets_that_went_back_leave_nothing_abandoned(window: Window, work: Work) -> None:
    window.take([record(5, b"a")])
    await settle()
    window.begin_anew(HERE)
    window.take([record(1, b"a")])
    await settle()
    assert window.abandoned == 0
    await work.finish(5, 1)
    assert window.abandoned == 0


async def test_it_tells_how_full_it_is_and_how_far_each_partition_is(window: Window, work: Work) -> None:
    window.take([record(1, b"a", b"12345"), record(2, b"b", b"1")])
    await settle()
    assert window.fill == Fill(2, 8, 8, 1000)
    assert window.offsets_of(HERE) == (None, 3)
    await work.finish(1)
    window.committed(window.committable())
    assert window.offsets_of(HERE) == (2, 3)
    assert window.offsets_of(THERE) == (None, None)


def _works_on(task: asyncio.Task[None], key: bytes) -> bool:
    frame = task.get_coro().cr_frame  # type: ignore[union-attr]
    return frame is not None and frame.f_locals["key"] == key


async def _soon(finish, *offsets):
    await settle()
    await finish(*offsets)
