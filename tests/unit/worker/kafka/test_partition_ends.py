"""The ends of partitions are asked topic by topic."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from worker.kafka.partition_ends import partition_ends

A0, A1, B0, C0 = (TopicPartition(*one) for one in (("a", 0), ("a", 1), ("b", 0), ("c", 0)))
ENDS = {A0: 10, A1: 11, B0: 20, C0: 30}
SECONDS = 0.05


class Kafka:
    """Answers as aiokafka does: for all partitions that are asked of, or for none."""

    def __init__(self, **troubles: BaseException | str) -> None:
        self.troubles = troubles
        self.asked: list[list[TopicPartition]] = []

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked.append(partitions)
        for one in partitions:
            trouble = self.troubles.get(one.topic)
            if isinstance(trouble, BaseException):
                raise trouble
            if trouble:
                await asyncio.Event().wait()
        return {one: ENDS[one] for one in partitions}


async def ends(kafka: Any) -> dict[TopicPartition, int]:
    return await partition_ends(SimpleNamespace(end_offsets=kafka.end_offsets), {C0, A1, B0, A0}, SECONDS)


async def test_each_topic_is_asked_once() -> None:
    kafka = Kafka()
    assert await ends(kafka) == ENDS
    assert kafka.asked == [[A0, A1], [B0], [C0]]


@pytest.mark.parametrize("trouble", [TopicAuthorizationFailedError("b"), "hidden"], ids=["refused", "hidden"])
async def test_a_refused_topic_costs_its_own_ends_alone(trouble: BaseException | str) -> None:
    assert await ends(Kafka(b=trouble)) == {A0: 10, A1: 11, C0: 30}


async def test_where_no_topic_is_told_the_error_says_so() -> None:
    away = KafkaConnectionError()
    with pytest.raises(KafkaConnectionError):
        await ends(Kafka(a=away, b="hidden", c=away))
    with pytest.raises(TimeoutError):
        await ends(Kafka(a="hidden", b="hidden", c="hidden"))


async def test_a_defect_is_no_refusal() -> None:
    with pytest.raises(KeyError):
        await ends(Kafka(b=KeyError("defect")))
