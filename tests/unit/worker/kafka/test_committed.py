"""The id of the topic beside each committed offset, and what is relied on of aiokafka's inside."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import OffsetAndMetadata

from worker.kafka.committed import NOTHING, commit_positions, committed_positions, refresh_by_topic
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
    routine = inspect.getsource(GroupCoordinator._commit_refresh_routine)
    assert "await self._maybe_refresh_commit_offsets(assignment)" in routine


Q0 = TopicPartition("u", 0)


class Assignment:
    """What aiokafka has of its partitions, all of which ask for their offset."""

    def __init__(self) -> None:
        self.known: dict[TopicPartition, OffsetAndMetadata] = {}

    def requesting_committed(self) -> list[TopicPartition]:
        return [Q0, P0, P1]

    def state_value(self, partition: TopicPartition) -> Any:
        return SimpleNamespace(update_committed=lambda told: self.known.update({partition: told}))


def _asking(codes: dict[str, int]) -> Any:
    """Return a consumer with aiokafka's own coordinator; Kafka answers each topic with offset 4 or an error code."""
    coordinator = GroupCoordinator.__new__(GroupCoordinator)
    coordinator.group_id = "g"

    async def known() -> None: ...

    async def send(request: Any) -> Any:
        asked = [(topic, partitions) for topic, partitions in request._partitions]
        return SimpleNamespace(
            topics=[(topic, [(n, 4, "", codes.get(topic, 0)) for n in numbers]) for topic, numbers in asked]
        )

    coordinator.ensure_coordinator_known = known
    coordinator._send_req = send
    return SimpleNamespace(_coordinator=coordinator)


TOPIC_REFUSED = TopicAuthorizationFailedError.errno


async def test_a_refused_topic_keeps_no_partition_of_another_from_its_offset() -> None:
    consumer, assignment = _asking({"u": TOPIC_REFUSED}), Assignment()
    with pytest.raises(KafkaError, match="TopicAuthorizationFailedError"):
        await consumer._coordinator._maybe_refresh_commit_offsets(assignment)
    assert assignment.known == {}, "aiokafka itself asks for all at once"
    refresh_by_topic(consumer)
    assert await consumer._coordinator._maybe_refresh_commit_offsets(assignment) is True
    assert assignment.known == {P0: OffsetAndMetadata(4, ""), P1: OffsetAndMetadata(4, ""), Q0: NOTHING}


async def test_what_passes_is_asked_again_and_every_other_error_is_raised() -> None:
    consumer = _asking({"u": CoordinatorLoadInProgressError.errno})
    refresh_by_topic(consumer)
    assert await consumer._coordinator._maybe_refresh_commit_offsets(Assignment()) is False
    consumer = _asking({"u": GroupAuthorizationFailedError.errno})
    refresh_by_topic(consumer)
    with pytest.raises(GroupAuthorizationFailedError):
        await consumer._coordinator._maybe_refresh_commit_offsets(Assignment())


async def test_a_topic_whose_offsets_may_not_be_asked_for_is_named() -> None:
    with pytest.raises(TopicAuthorizationFailedError) as raised:
        await committed_positions(_asking({"u": TOPIC_REFUSED}), [Q0])
    assert raised.value.args[0] == {"u"}
