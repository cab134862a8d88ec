"""One poll of an intake: nothing is read before it is known from where, and a refused right is reported."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)

from tests.support.fakes.intake import P0, Bench


@pytest.mark.parametrize("away", ["journal", "Kafka", "the topic's id"])
async def test_nothing_is_read_before_it_is_known_where_to_begin(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    async def refuse(*_: Any) -> Any:
        raise KafkaConnectionError

    polls: list[object] = []

    async def getmany(**_: Any) -> dict[TopicPartition, list[Any]]:
        polls.append(None)
        return {}

    with monkeypatch.context() as patch:
        if away == "Kafka":
            patch.setattr(bench.consumer._coordinator, "fetch_committed_offsets", refuse)
        if away == "the topic's id":
            patch.setattr(bench.consumer._client, "send", refuse)
        bench.positions.unavailable = away == "journal"
        await bench.join(P0)
        monkeypatch.setattr(bench.careful_poll, "getmany", getmany)
        await bench.poll()
        assert polls == []
    bench.positions.unavailable = False
    bench.topic_ids._by_topic[P0.topic]._not_before = float("-inf")
    await bench.poll()
    assert polls == [None]


async def test_a_topic_that_may_not_be_read_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deny(*_: Any) -> SimpleNamespace:
        return SimpleNamespace(topics=[(29, "submissions", UUID(int=0))])

    monkeypatch.setattr(bench.consumer._client, "send", deny)
    await bench.join(P0)
    assert bench.intake.unreadable == "Kafka refuses Read on topic submissions: grant it to this login"


@pytest.mark.parametrize("error", [GroupAuthorizationFailedError("g"), TopicAuthorizationFailedError("t")])
async def test_a_right_that_is_refused_to_a_poll_is_told_at_once_and_raises_nothing(
    bench: Bench, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream would log a traceback and pause for seconds, and readiness would say nothing meanwhile."""
    monkeypatch.setattr("worker.kafka.intake_poll.REFUSED_PAUSE", 0)
    bench.consumer.poll_error = error
    await bench.join(P0)

    what = "group g" if isinstance(error, GroupAuthorizationFailedError) else "topic t"
    assert bench.intake.unreadable == f"Kafka refuses Read on {what}: grant it to this login"
    # The heartbeats have ended, so that Kafka would expel the member in silence.
    assert bool(bench.consumer.rejoins) is isinstance(error, GroupAuthorizationFailedError)
    bench.consumer.poll_error = None
    await bench.poll((P0, 0))
    assert bench.running
