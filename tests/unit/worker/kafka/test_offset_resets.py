"""Where reading goes on, and that a loss is in the journal before anything is read behind it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from tests.support.fakes.positions import FakePositions
from worker.kafka.offset_resets import OffsetResets, place_of_error
from worker.pipeline.ports import JournalOutage, Loss, Position

P3 = TopicPartition("t", 3)


class Log:
    """A consumer of one partition that reaches from one offset to another."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.position: int | None = None
        self.commits: list[dict[TopicPartition, tuple[int, str]]] = []
        self.refuse: Exception | None = None
        self.assigned = frozenset({P3})
        self.revoked_meanwhile = False

    def assignment(self) -> frozenset[TopicPartition]:
        return self.assigned

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.start)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        if self.revoked_meanwhile:
            self.assigned = frozenset()
        return dict.fromkeys(partitions, self.end)

    async def commit(self, offsets: dict[TopicPartition, tuple[int, str]]) -> None:
        if self.refuse:
            raise self.refuse
        self.commits.append(offsets)

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
        positions.positions["g", "t", 3] = Position(noted, "id")
    assert await resets.reset(log, P3, wanted, "id") == log.position == goes_to
    assert resets.lost_offsets == count
    assert [loss.count for _, loss in positions.losses] == ([count] if count else [])
    assert bool(resets.told) is bool(count)
    told = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.lost_offsets for one in told] == ([count] if count else [])  # type: ignore[attr-defined]


async def test_a_topic_that_was_recreated_is_read_from_its_start_and_reported_once(
    resets: OffsetResets, positions: FakePositions
) -> None:
    log: Any = Log(0, 50)
    assert await resets.reset(log, P3, 60, "id") == 0
    assert [loss.count for _, loss in positions.losses] == [None]
    assert positions.positions["g", "t", 3] == Position(0, "id")
    assert await resets.reset(log, P3, None, "id") == 0
    assert len(positions.losses) == 1


async def test_without_the_journal_it_goes_nowhere(resets: OffsetResets, positions: FakePositions) -> None:
    log: Any = Log(40, 50)
    positions.unavailable = True
    with pytest.raises(JournalOutage):
        await resets.reset(log, P3, 7, "id")
    assert log.position is None


async def test_a_partition_that_was_revoked_meanwhile_is_left_to_its_new_owner(
    resets: OffsetResets, positions: FakePositions
) -> None:
    """What a former owner noted now could be older than what the new one has noted."""
    log: Any = Log(40, 50)
    log.revoked_meanwhile = True
    positions.positions["g", "t", 3] = Position(12, "id")
    with pytest.raises(IllegalStateError):
        await resets.reset(log, P3, 7, "id")
    assert positions.losses == []
    assert positions.positions["g", "t", 3] == Position(12, "id")
    assert log.position is None


class Overtaken(FakePositions):
    """The partition's new owner notes where it stands while this worker writes down a loss."""

    async def record_loss(self, system: str, loss: Loss) -> None:
        await super().record_loss(system, loss)
        self.positions["g", "t", 3] = Position(48, "id")


@pytest.mark.parametrize("how", ["reset", "begin anew"])
async def test_what_the_new_owner_noted_meanwhile_stays(how: str) -> None:
    positions = Overtaken()
    resets, log = OffsetResets("nhis", "g", positions), Log(40, 50)
    positions.positions["g", "t", 3] = Position(12, "old")
    consumer: Any = log
    with pytest.raises(IllegalStateError):
        await (
            resets.reset(consumer, P3, 7, "id")
            if how == "reset"
            else resets.begin_anew(consumer, P3, 12, "id")
        )
    assert positions.positions["g", "t", 3] == Position(48, "id")
    assert log.position is None
    assert len(positions.losses) == 1


async def test_where_a_group_begins_is_noted(resets: OffsetResets, positions: FakePositions) -> None:
    log: Any = Log(40, 50)
    await resets.reset(log, P3, None, "id")
    assert positions.positions["g", "t", 3] == Position(40, "id")


async def test_a_recreated_topic_is_committed_before_the_journal_has_its_id(
    resets: OffsetResets, positions: FakePositions
) -> None:
    """A worker that ends in between leaves it to the next one, which finds the old id in the journal."""
    log: Any = Log(2, 50)
    positions.positions["g", "t", 3] = Position(7, "old")
    log.refuse = CommitFailedError()
    with pytest.raises(CommitFailedError):
        await resets.begin_anew(log, P3, 7, "new")
    assert (positions.positions["g", "t", 3], log.position) == (Position(7, "old"), None)
    log.refuse = None
    await resets.begin_anew(log, P3, None, "new")
    assert log.commits == [{P3: (2, "herald topic=new")}]
    assert (positions.positions["g", "t", 3], log.position) == (Position(2, "new"), 2)
    assert [loss.from_offset for _, loss in positions.losses] == [7]


async def test_what_kafka_deleted_of_what_the_journal_forgot_is_not_counted(
    resets: OffsetResets, positions: FakePositions
) -> None:
    log: Any = Log(40, 50)
    await resets.tell_forgotten(log, P3, 0, 40)
    assert positions.losses == []
    await resets.tell_forgotten(log, P3, 7, 44)
    assert [(loss.from_offset, loss.to_offset) for _, loss in positions.losses] == [(40, 44)]
    assert (resets.forgotten_offsets, resets.lost_offsets) == (4, 0)
    assert (resets.unacknowledged, resets.unacknowledged_forgotten) == (1, 1)
    await resets.reset(log, P3, 7, "id")
    assert (resets.unacknowledged, resets.unacknowledged_forgotten) == (2, 1)


async def test_what_an_operator_acknowledged_is_reported_no_more(
    resets: OffsetResets, positions: FakePositions
) -> None:
    log: Any = Log(40, 50)
    await resets.reset(log, P3, 7, "id")
    assert "33 offsets of t, partition 3" in (resets.told or "")
    positions.losses.clear()
    await resets.look()
    assert resets.told is None
    assert resets.lost_offsets == 33


def test_the_errors_say_where() -> None:
    assert place_of_error(OffsetOutOfRangeError({P3: 7})) == (P3, 7)
    assert place_of_error(NoOffsetForPartitionError(P3)) == (P3, None)
