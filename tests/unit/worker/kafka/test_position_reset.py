"""Where a consumer goes on when Kafka has no such offset, and under which id of the topic that is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition

from tests.support.fakes.positions import FakePositions
from worker.kafka.offset_resets import OffsetResets
from worker.kafka.partitions import Partitions
from worker.kafka.poll_positions import PollPositions
from worker.kafka.position_reset import PositionReset
from worker.kafka.recreation import Recreation
from worker.pipeline.ports import Position

if TYPE_CHECKING:
    from collections.abc import Callable

P3 = TopicPartition("t", 3)


class Consumer:
    """Of one partition that reaches from 40 to 50; it is assigned anew while Kafka is asked for the ends."""

    def __init__(self, on_assigned: Callable[[], None]) -> None:
        self._on_assigned = on_assigned
        self.position: int | None = None

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset({P3})

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self._on_assigned()
        return dict.fromkeys(partitions, 40)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 50)

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.position = offset


async def test_a_new_assignment_meanwhile_does_not_take_the_topics_id_from_what_is_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it, the journal would take any offset that is noted next, a lower one too, and tell a false loss."""
    noted = FakePositions()
    noted.positions["g", "t", 3] = Position(12, "id")
    resets, partitions = OffsetResets("nhis", "g", noted), Partitions(10)
    recreation = Recreation(["t"], resets, partitions, lambda: 0.0)
    recreation._read_under.begin(P3, "id")

    async def assigned_anew(_: Any) -> None:
        recreation.assigned([P3])

    monkeypatch.setattr(recreation.topic_ids, "refresh", assigned_anew)
    consumer: Any = Consumer(lambda: recreation.assigned([P3]))
    positions = PollPositions.__new__(PollPositions)

    await PositionReset(consumer, partitions, recreation, positions, resets)(P3, 7)

    assert noted.positions["g", "t", 3] == Position(40, "id")
    assert [(loss.from_offset, loss.to_offset) for _, loss in noted.losses] == [(12, 40)]
    assert consumer.position == 40
