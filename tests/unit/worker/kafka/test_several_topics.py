"""An intake of several topics: what is wrong with one of them keeps no partition of another waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from aiokafka.structs import OffsetAndMetadata

from tests.support.fakes.intake import Bench, raw_record
from worker.pipeline.ports import Position

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

P0, Q0 = TopicPartition("p", 0), TopicPartition("q", 0)
OLD, NEW = UUID(int=1), UUID(int=2)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(("p", "q"))
    yield made
    await made.end()


def _ask_again(bench: Bench) -> None:
    """Let the topics' ids be asked at once, as a second later."""
    for one in bench.topic_ids._by_topic.values():
        one._stale, one._not_before = True, float("-inf")


async def _getmany(bench: Bench) -> dict[TopicPartition, list[int]]:
    batch = await bench.consumer.getmany(timeout_ms=50, max_records=500)
    return {one: [record.offset for record in records] for one, records in batch.items()}


async def _refuses(bench: Bench, topic: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the question for the group's offsets fail where it is about this topic."""
    fetch = bench.consumer._coordinator.fetch_committed_offsets

    async def fetch_some(partitions: list[TopicPartition]) -> Any:
        if any(one.topic == topic for one in partitions):
            raise error
        return await fetch(partitions)

    monkeypatch.setattr(bench.consumer._coordinator, "fetch_committed_offsets", fetch_some)


@pytest.mark.parametrize("what", ["denied", "deleted"])
async def test_a_topic_that_kafka_refuses_or_does_not_know_keeps_no_other_waiting(
    bench: Bench, what: str
) -> None:
    trouble: set[str] = getattr(bench.consumer, what)
    trouble.add("q")
    await bench.join(P0, Q0)
    bench.consumer.logs = {P0: [raw_record(P0, 0)], Q0: [raw_record(Q0, 0)]}
    assert await _getmany(bench) == {P0: [0]}
    assert bench.consumer.polls[-1] == (P0,)
    refused = "Kafka refuses Read on topic q: grant it to this login"
    assert bench.intake.unreadable == (refused if what == "denied" else None)
    trouble.clear()
    _ask_again(bench)
    assert await _getmany(bench) == {Q0: [0]}
    assert bench.consumer.polls[-1] == ()


@pytest.mark.parametrize("error", [TopicAuthorizationFailedError(), KafkaError(), TimeoutError()])
async def test_a_topic_whose_offsets_are_refused_keeps_no_other_waiting(
    bench: Bench, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.consumer.offsets = {P0: OffsetAndMetadata(3, f"herald topic={OLD}")}
    with monkeypatch.context() as patch:
        await _refuses(bench, "q", error, patch)
        await bench.join(P0, Q0)
        bench.consumer.logs = {P0: [raw_record(P0, 3)], Q0: [raw_record(Q0, 0)]}
        assert await _getmany(bench) == {P0: [3]}
        assert bench.positions.positions["g", "p", 0] == Position(3, str(OLD))
        told = "Kafka refuses Read on topic q: grant it to this login"
        assert bench.intake.unreadable == (told if isinstance(error, TopicAuthorizationFailedError) else None)
    assert await _getmany(bench) == {Q0: [0]}


async def test_nothing_is_committed_of_a_topic_that_is_not_settled(bench: Bench) -> None:
    """Kafka's client stands at what the group committed of the topic before, which may be another one now."""
    bench.consumer.denied = {"q"}
    await bench.join(P0, Q0)
    bench.consumer.stands(P0, 3)
    bench.consumer.stands(Q0, 9)
    await bench.poll()
    await bench.poll()
    await bench.commit()
    assert bench.consumer.commits == [{P0: 3}]


async def test_a_group_that_kafka_refuses_concerns_all_topics(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.kafka.intake_poll.REFUSED_PAUSE", 0)
    await _refuses(bench, "q", GroupAuthorizationFailedError("g"), monkeypatch)
    await bench.join(P0, Q0)
    assert bench.consumer.polls == []
    assert bench.intake.unreadable == "Kafka refuses Read on group g: grant it to this login"
    assert bench.consumer.rejoins == 1


async def test_nothing_is_polled_while_no_topic_is_settled(bench: Bench) -> None:
    bench.consumer.denied = {"p", "q"}
    await bench.join(P0, Q0)
    assert bench.consumer.polls == []


async def test_a_recreated_topic_that_cannot_begin_anew_keeps_no_other_waiting(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.join(P0, Q0)
    await bench.poll((P0, 0), (Q0, 5))
    bench.consumer.topic_ids["q"] = NEW
    bench.consumer.refuse = KafkaError()  # the offset at which it begins cannot be committed
    _ask_again(bench)
    bench.consumer.logs = {P0: [raw_record(P0, 1)], Q0: [raw_record(Q0, 6)]}
    assert await _getmany(bench) == {P0: [1]}
    assert bench.consumer.sought == []
    await _getmany(bench)
    told = [one for one in caplog.records if one.message == "a recreated topic cannot be read yet"]
    assert len(told) == 1
    bench.consumer.refuse = None
    await _getmany(bench)
    assert bench.consumer.sought == [(Q0, 0)]


async def test_what_was_polled_of_others_counts_where_a_topic_was_recreated_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka's client is past these records: what is dropped of them would never be read."""
    await bench.join(P0, Q0)
    await bench.poll((P0, 0), (Q0, 5))

    async def getmany(**_: Any) -> dict[TopicPartition, list[Any]]:
        bench.consumer.topic_ids["q"] = NEW
        _ask_again(bench)
        return {P0: [raw_record(P0, 1)], Q0: [raw_record(Q0, 6)]}

    monkeypatch.setattr(bench.careful_poll, "getmany", getmany)
    assert await _getmany(bench) == {P0: [1]}
    assert bench.consumer.sought == [(Q0, 0)]
    await bench.hand_over((P0, 1))
    assert (0, 1) in bench.running


async def test_what_was_polled_of_partitions_that_were_assigned_during_the_poll_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.join(P0)
    with monkeypatch.context() as patch:

        async def getmany(**_: Any) -> dict[TopicPartition, list[Any]]:
            await bench.intake.on_partitions_assigned({P0, Q0})
            return {Q0: [raw_record(Q0, 6), raw_record(Q0, 7)]}

        patch.setattr(bench.careful_poll, "getmany", getmany)
        assert await _getmany(bench) == {}
    assert bench.consumer.sought == [(Q0, 6)]
    assert bench.intake._positions._read_to == {}
    bench.consumer.logs = {Q0: [raw_record(Q0, 6)]}
    assert await _getmany(bench) == {Q0: [6]}


async def test_a_partition_whose_offset_was_refused_goes_on_from_it_when_it_is_known(bench: Bench) -> None:
    """Kafka's client then takes it that nothing is committed: from the beginning, all would be read twice."""
    bench.consumer.offsets = {Q0: OffsetAndMetadata(7, f"herald topic={OLD}")}
    await bench.join(P0, Q0)
    await bench.reset(Q0, None)
    assert bench.consumer.sought == [(Q0, 7)]


async def test_a_commit_that_is_refused_for_one_topic_counts_for_the_others(bench: Bench) -> None:
    await bench.join(P0, Q0)
    bench.consumer.stands(P0, 3)
    bench.consumer.stands(Q0, 9)
    await bench.poll()
    await bench.poll()
    bench.consumer.refuse = TopicAuthorizationFailedError({"q"})
    await bench.commit()
    assert bench.intake.unreadable == "Kafka refuses Read on topic q: grant it to this login"
    bench.consumer.refuse = None
    await bench.commit()
    assert bench.consumer.commits == [{Q0: 9}]
