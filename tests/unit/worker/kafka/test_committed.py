"""The id of the topic beside each committed offset, and what is relied on of aiokafka's inside."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.structs import OffsetAndMetadata

from worker.kafka.committed import commit_positions, committed_positions
from worker.pipeline.ports import Position

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)


def _consumer(**told: Any) -> Any:
    return SimpleNamespace(_coordinator=SimpleNamespace(**told))


async def test_what_is_committed_is_read_back() -> None:
    kept: dict[TopicPartition, OffsetAndMetadata] = {}

    async def commit(offsets: dict[TopicPartition, tuple[int, str]]) -> None:
        kept.update({one: OffsetAndMetadata(*told) for one, told in offsets.items()})

    async def fetch(partitions: list[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
        return {one: kept[one] for one in partitions if one in kept}

    consumer = _consumer(fetch_committed_offsets=fetch)
    consumer.commit = commit
    positions = {P0: Position(7, "id"), P1: Position(3)}
    await commit_positions(consumer, positions)
    assert kept[P1].metadata == ""  # as every other client writes it
    assert await committed_positions(consumer, [P0, P1, TopicPartition("t", 2)]) == positions


@pytest.mark.parametrize("metadata", ["", None, "another tool's"])
async def test_what_others_committed_has_no_id(metadata: str | None) -> None:
    async def fetch(_: object) -> dict[TopicPartition, Any]:
        return {P0: SimpleNamespace(offset=7, metadata=metadata)}

    assert await committed_positions(_consumer(fetch_committed_offsets=fetch), [P0]) == {P0: Position(7)}


def test_the_installed_client_has_what_is_relied_on() -> None:
    assert inspect.iscoroutinefunction(GroupCoordinator.fetch_committed_offsets)
    assert "self._coordinator = GroupCoordinator" in inspect.getsource(AIOKafkaConsumer)
