"""The window's partitions: their offsets, also where these go back, and what was set aside and is read again."""

from __future__ import annotations

from tests.support.fakes.ports import settle
from tests.support.fakes.window import HERE, THERE, WAITS, Work, record
from worker.kafka.window import Window
from worker.pipeline.shutdown import Released, SetAside


async def test_what_is_committed_is_reported_once(window: Window, work: Work) -> None:
    window.take([record(1)])
    await settle()
    await work.finish(1)
    window.partitions.committed({HERE: 2, ("gone", 3): 7})
    assert window.partitions.committable() == {}


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
    assert window.partitions.committable() == {HERE: 1}
    assert window.partitions.set_aside == {WAITS.party: 3}


async def test_it_is_read_again_and_what_was_finished_is_passed_over(window: Window, work: Work) -> None:
    first = [record(1, b"k"), record(2, b"other"), record(3, b"k"), record(4, b"new")]
    window.take(first)
    await settle()
    await work.finish(2)
    await work.fail(1, SetAside(WAITS))
    assert window.read_again() == {HERE: 1}
    assert window.partitions.next_offset(HERE) == 1
    window.take(first)
    await settle()
    assert work.begun == [1, 2, 4, 1]  # 4 is still in flight
    await work.finish(1, 3, 4)
    assert window.partitions.committable() == {HERE: 5}
    assert window.partitions.next_offset(HERE) == 5
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
    window.partitions.go_on_from(HERE, 3)
    assert window.partitions.gone == {HERE: [1]}
    assert window.partitions.committable() == {HERE: 1}
    window.partitions.written_off(HERE, [1])
    assert window.partitions.gone == {}
    assert window.partitions.committable() == {HERE: 3}
    window.take([record(3, b"m")])
    await settle()
    await work.finish(3)
    assert window.partitions.committable() == {HERE: 4}


async def test_a_partition_of_which_much_was_set_aside_is_crowded_until_it_is_read_again(work: Work) -> None:
    window = Window(work, max_records=8, max_bytes=1000, max_set_aside=2)
    window.take([record(1, b"k"), record(2, b"k")])
    await settle()
    assert not window.partitions.is_crowded(HERE)
    await work.fail(1, SetAside(WAITS))
    assert window.partitions.is_crowded(HERE)
    assert not window.partitions.is_crowded(THERE)
    window.read_again()
    assert not window.partitions.is_crowded(HERE)


async def test_offsets_that_went_back_leave_nothing_abandoned(window: Window, work: Work) -> None:
    window.take([record(5, b"a")])
    await settle()
    window.partitions.begin_anew(HERE)
    window.take([record(1, b"a")])
    await settle()
    assert window.abandoned == 0
    await work.finish(5, 1)
    assert window.abandoned == 0
