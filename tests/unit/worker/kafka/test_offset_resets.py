"""Where reading goes on, and that a loss is in the journal before anything is read behind it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from tests.support.fakes.positions import FakePositions
from worker.kafka.offset_resets import OffsetResets, place_of_error
from worker.pipeline.ports import JournalOutage

P3 = TopicPartition("t", 3)


class Log:
    """A consumer of one partition that reaches from one offset to another."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.position: int | None = None

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.start)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.position = offset


@pytest.fixture
def positions() -> FakePositions:
    return FakePositions()


@pytest.fixture
def resets(positions: FakePositions) -> OffsetResets:
    return OffsetResets("nhis", "g", positions)


@pytest.mark.parametrize(
    ("known", "goes_to", "count"),
    [
        ((None, None), 40, 0),
        ((7, None), 40, 33),
        ((None, 7), 40, 33),
        ((7, 45), 40, 0),
        ((7, 12), 40, 28),
        ((None, 45), 40, 0),
        ((44, None), 44, 0),
    ],
    ids=[
        "a new group",
        "below the log",
        "offsets deleted, and records",
        "set back, to what is gone and was read",
        "set back, to what is gone and was read in part",
        "offsets deleted",
        "there again",
    ],
)
async def test_where_it_goes_and_what_it_counts(
    caplog: pytest.LogCaptureFixture, known: tuple[int | None, int | None], goes_to: int, count: int
) -> None:
    log: Any = Log(40, 50)
    wanted, noted = known
    positions = FakePositions()
    resets = OffsetResets("nhis", "g", positions)
    if noted is not None:
        positions.noted["g", "t", 3] = noted
    assert await resets.reset(log, P3, wanted) == log.position == goes_to
    assert resets.lost_offsets == count
    assert [loss.count for _, loss in positions.losses] == ([count] if count else [])
    assert bool(resets.told) is bool(count)
    told = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.lost_offsets for one in told] == ([count] if count else [])  # type: ignore[attr-defined]


async def test_a_topic_that_was_recreated_is_read_from_its_start_and_reported_once(
    resets: OffsetResets, positions: FakePositions
) -> None:
    log: Any = Log(0, 50)
    assert await resets.reset(log, P3, 60) == 0
    assert [loss.count for _, loss in positions.losses] == [None]
    assert positions.noted["g", "t", 3] == 0
    assert await resets.reset(log, P3, None) == 0
    assert len(positions.losses) == 1


async def test_without_the_journal_it_goes_nowhere(resets: OffsetResets, positions: FakePositions) -> None:
    log: Any = Log(40, 50)
    positions.unavailable = True
    with pytest.raises(JournalOutage):
        await resets.reset(log, P3, 7)
    assert log.position is None


async def test_what_was_committed_is_noted_also_after_an_outage(
    resets: OffsetResets, positions: FakePositions
) -> None:
    resets.note({("t", 3): 7, ("t", 4): 1})
    positions.unavailable = True
    with pytest.raises(JournalOutage):
        await resets.exchange()
    resets.note({("t", 3): 9})
    positions.unavailable = False
    await resets.exchange()
    assert positions.noted == {("g", "t", 3): 9, ("g", "t", 4): 1}


async def test_what_an_operator_acknowledged_is_reported_no_more(
    resets: OffsetResets, positions: FakePositions
) -> None:
    log: Any = Log(40, 50)
    await resets.reset(log, P3, 7)
    assert "33 offsets of t, partition 3" in (resets.told or "")
    positions.losses.clear()
    await resets.exchange()
    assert resets.told is None
    assert resets.lost_offsets == 33


def test_the_errors_say_where() -> None:
    assert place_of_error(OffsetOutOfRangeError({P3: 7})) == (P3, 7)
    assert place_of_error(NoOffsetForPartitionError(P3)) == (P3, None)
