"""Polling past what cannot be read, over a consumer that loses records the way aiokafka does."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CorruptRecordException,
    GroupAuthorizationFailedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)

from worker.kafka.lenient_fetch import Fetched
from worker.kafka.offset_resets import NO_OFFSET
from worker.kafka.poll import QUIET, SUSPENSION, CarefulPoll
from worker.pipeline.ports import JournalOutage, Record

P0, P1, P2 = (TopicPartition("t", number) for number in range(3))
NOT_UTF8 = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


class Losing:
    """A consumer over logs of good records (their offset), errors, and None for what is never given (a marker).

    An error loses what was drained with it, and as long as anything of its batch is wanted, it comes again.
    """

    def __init__(self, batch: int = 1, **logs: list[int | Exception | None]) -> None:
        self.logs = {TopicPartition("t", int(name[1:])): log for name, log in logs.items()}
        self.positions = dict.fromkeys(self.logs, 0)
        self.group_error: Exception | None = None
        self.hiccups = 0
        self.batch = batch
        self.journal_away = False
        self.resets: list[tuple[TopicPartition, int | None]] = []

    def assignment(self) -> set[TopicPartition]:
        return set(self.logs)

    async def getmany(self, *wanted: TopicPartition, timeout_ms: int, max_records: int) -> dict[Any, Any]:
        if self.group_error:
            raise self.group_error
        drained: dict[TopicPartition, list[int]] = {}
        for partition in wanted or self.logs:
            for offset in range(self.positions[partition], len(self.logs[partition])):
                if len(drained.get(partition, [])) == max_records:
                    break
                begin = offset - offset % self.batch
                for one in self.logs[partition][begin : offset + 1]:
                    if isinstance(one, NO_OFFSET) and drained:
                        return drained  # aiokafka keeps the errors of a fetch for the next poll
                    if isinstance(one, Exception):
                        raise one
                if one is not None:
                    drained.setdefault(partition, []).append(one)
                    self.positions[partition] = offset + 1
            else:
                self.positions[partition] = len(self.logs[partition])
        return drained

    async def fetch_leniently(self, partition: TopicPartition, offset: int) -> Fetched:
        records: list[Any] = []
        end = min(offset - offset % self.batch + self.batch, len(self.logs[partition]))
        for place in range(offset, end):
            one = self.logs[partition][place]
            if one is NOT_UTF8:
                why = type(one).__name__
                one = Record(partition.topic, partition.partition, place, 0, None, None, (), unreadable=why)
            elif isinstance(one, Exception):
                raise one
            records += [] if one is None else [one]
        return Fetched(records, end)

    async def position(self, partition: TopicPartition) -> int:
        return self.positions[partition]

    async def committed(self, partition: TopicPartition) -> int | None:
        if self.hiccups:
            self.hiccups -= 1
            raise KafkaError("the coordinator is not available")
        return None

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset

    async def reset(self, partition: TopicPartition, wanted: int | None) -> None:
        if self.journal_away:
            raise JournalOutage
        self.resets.append((partition, wanted))
        self.positions[partition] = 0


class Reading:
    """Polls as intake does and keeps what was taken; the clock moves by a tenth of a second a poll."""

    def __init__(self, consumer: Losing) -> None:
        self.taken: dict[TopicPartition, list[int]] = {partition: [] for partition in consumer.logs}
        self.bad: list[tuple[int, int, str | None]] = []
        self.next: dict[TopicPartition, int] = {}
        self.ticks = itertools.count()
        self.now = 0.0
        self.log_of = consumer.logs.__getitem__
        self.poll = CarefulPoll(
            consumer, self.next.get, self._monotonic, consumer.fetch_leniently, consumer.reset
        )  # type: ignore[arg-type]

    def _monotonic(self) -> float:
        self.now += 0.05
        return self.now

    async def turns(self, count: int = 20, max_records: int = 500) -> None:
        for _ in range(count):
            batch = await self.poll.getmany(timeout_ms=50, max_records=max_records)
            for partition, records in batch.items():
                for one in records:
                    self._take(partition, one)

    def _take(self, partition: TopicPartition, one: Any) -> None:
        if isinstance(one, Record):
            self.bad.append((one.partition, one.offset, one.unreadable))
            self.next[partition] = one.offset + 1
        else:
            missing = self.log_of(partition)[self.next.get(partition, 0) : one]
            assert not any(isinstance(other, int) for other in missing), "a record is missing"
            assert one >= self.next.get(partition, 0), "a record came twice"
            self.taken[partition].append(one)
            self.next[partition] = one + 1


@pytest.mark.parametrize("at", [0, 3, 9])
@pytest.mark.parametrize("max_records", [2, 500])
async def test_a_bad_record_is_stepped_over_and_no_other_is_lost(at: int, max_records: int) -> None:
    log: list[int | Exception] = list(range(10))
    log[at] = NOT_UTF8
    reading = Reading(Losing(p0=list(range(10)), p1=log, p2=list(range(10))))
    await reading.turns(max_records=max_records, count=40)
    assert reading.taken[P0] == reading.taken[P2] == list(range(10))
    assert reading.taken[P1] == [offset for offset in range(10) if offset != at]
    assert reading.bad == [(1, at, "UnicodeDecodeError")]
    assert reading.poll.unreadable is None


@pytest.mark.parametrize("batch", [1, 2, 5, 10])
@pytest.mark.parametrize("at", [0, 3, 4, 9])
async def test_what_shares_a_batch_with_a_bad_record_is_read(at: int, batch: int) -> None:
    log: list[int | Exception | None] = list(range(10))
    log[at] = NOT_UTF8
    reading = Reading(Losing(batch, p0=list(range(10)), p1=log))
    await reading.turns(40)
    assert reading.taken[P0] == list(range(10))
    assert reading.taken[P1] == [offset for offset in range(10) if offset != at]
    assert reading.bad == [(1, at, "UnicodeDecodeError")]


@pytest.mark.parametrize("gap", [[None], [None] * 7], ids=["a transaction's marker", "an aborted batch"])
async def test_a_gap_beside_a_bad_record_is_no_record(gap: list[None]) -> None:
    log = [0, *gap, NOT_UTF8, *gap, 2 + 2 * len(gap)]
    reading = Reading(Losing(p0=log, p1=[0, 1]))  # type: ignore[arg-type]
    await reading.turns(40)
    assert reading.taken == {P0: [0, 2 + 2 * len(gap)], P1: [0, 1]}
    assert reading.bad == [(0, 1 + len(gap), "UnicodeDecodeError")]


async def test_several_bad_records_are_each_stepped_over() -> None:
    bad = NOT_UTF8
    reading = Reading(Losing(p0=[0, bad, bad, 3, bad], p1=[bad, 1]))
    await reading.turns(40)
    assert reading.taken == {P0: [0, 3], P1: [1]}
    assert sorted(reading.bad) == [(p, o, "UnicodeDecodeError") for p, o in ((0, 1), (0, 2), (0, 4), (1, 0))]


async def test_a_partition_that_kafka_delivers_broken_stands_alone_until_it_is_whole() -> None:
    consumer = Losing(p0=list(range(5)), p1=[0, 1, CorruptRecordException(), 3], p2=list(range(5)))
    reading = Reading(consumer)
    with pytest.raises(CorruptRecordException):  # FastStream logs it and polls on
        await reading.turns(1)
    await reading.turns(20)
    assert reading.taken == {P0: list(range(5)), P1: [], P2: list(range(5))}
    assert reading.poll.unreadable == "partition 1: CorruptRecordException"
    consumer.logs[P1][2] = 2
    reading.now += SUSPENSION
    await reading.turns(20)
    assert reading.taken[P1] == [0, 1, 2, 3]
    assert reading.poll.unreadable is None
    assert reading.bad == []


async def test_what_is_not_about_records_goes_to_the_caller_and_loses_nothing() -> None:
    consumer = Losing(p0=list(range(5)))
    reading = Reading(consumer)
    consumer.group_error = GroupAuthorizationFailedError()
    with pytest.raises(GroupAuthorizationFailedError):
        await reading.turns(1)
    consumer.group_error = None
    reading.now += QUIET
    await reading.turns(2)
    assert reading.taken[P0] == list(range(5))


async def test_a_partition_whose_place_cannot_be_asked_for_loses_nothing_of_any_other() -> None:
    consumer = Losing(p0=[CorruptRecordException()], p1=list(range(5)), p2=list(range(5)))
    reading = Reading(consumer)
    consumer.logs = {tp: consumer.logs[tp] for tp in (P1, P2, P0)}  # P0 fails when the others are drained
    consumer.hiccups = 2
    with pytest.raises(CorruptRecordException):
        await reading.turns(1)
    await reading.turns(10)
    reading.now += SUSPENSION
    await reading.turns(10)
    assert reading.taken[P1] == reading.taken[P2] == list(range(5))


async def test_what_was_read_is_kept_while_the_place_of_another_partition_cannot_be_asked_for() -> None:
    consumer = Losing(p0=list(range(5)), p1=[CorruptRecordException(), 1])
    reading = Reading(consumer)
    with pytest.raises(CorruptRecordException):
        await reading.turns(1)
    await reading.turns(10)
    consumer.logs[P0] += range(5, 10)
    reading.now += SUSPENSION
    consumer.hiccups = 1
    await reading.turns(10)
    consumer.logs[P0] += range(10, 12)
    await reading.turns(10)
    assert reading.taken[P0] == list(range(12))


@pytest.mark.parametrize("known", [True, False], ids=["out of range", "no offset at all"])
async def test_a_partition_without_its_offset_is_reset_and_the_others_lose_nothing(known: bool) -> None:
    consumer = Losing(p0=list(range(5)), p1=list(range(5)))
    reading = Reading(consumer)
    wanted = 70 if known else None
    consumer.group_error = OffsetOutOfRangeError({P1: 70}) if known else NoOffsetForPartitionError(P1)
    await reading.turns(1)
    consumer.group_error = None
    await reading.turns(2)
    assert consumer.resets == [(P1, wanted)]
    assert reading.taken == {P0: list(range(5)), P1: list(range(5))}
    assert reading.poll.unreadable is None


async def test_a_reset_waits_for_the_journal_and_nobody_waits_with_it() -> None:
    consumer = Losing(p0=list(range(5)), p1=[NoOffsetForPartitionError(P1), 1])
    reading, consumer.journal_away = Reading(consumer), True
    await reading.turns(10)
    assert reading.poll.unreadable == "partition 1: JournalOutage"
    assert reading.taken == {P0: list(range(5)), P1: []}
    consumer.journal_away, consumer.logs[P1][0] = False, 0
    reading.now += SUSPENSION
    await reading.turns(10)
    assert reading.taken[P1] == [0, 1]
    assert reading.poll.unreadable is None


async def test_each_partition_that_is_polled_alone_is_a_step():
    """While Kafka is unavailable each of them may take long, and none of it is a consumer that has died."""
    steps: list[None] = []
    reading = Reading(Losing(p0=[], p1=[], p2=[]))
    reading.poll._on_step = lambda: steps.append(None)
    await reading.turns(3)
    assert steps == [], "polled together, it needs no steps: every poll is one"
    reading.poll._look_closely()
    await reading.turns(1)
    assert len(steps) >= 3


async def test_a_partition_that_can_be_read_again_is_not_told_for_ever_where_no_record_comes() -> None:
    consumer = Losing(p0=[TopicAuthorizationFailedError("t")], p1=[0])
    reading = Reading(consumer)
    with pytest.raises(TopicAuthorizationFailedError):
        await reading.turns(1)
    await reading.turns(10)
    assert reading.poll.unreadable == "partition 0: Kafka refuses Read on topic t: grant it to this login"
    consumer.logs[P0].clear()
    reading.now += SUSPENSION
    await reading.turns(3)
    assert reading.poll.unreadable is not None  # nothing shows yet that it can be read
    reading.now += SUSPENSION
    await reading.turns(3)
    assert reading.poll.unreadable is None


async def test_partitions_of_several_topics_are_told_with_their_topic() -> None:
    consumer = Losing(p0=[CorruptRecordException()], p1=[CorruptRecordException()])
    other = TopicPartition("u", 0)
    consumer.logs[other], consumer.positions[other] = [0], 0
    reading = Reading(consumer)
    with pytest.raises(CorruptRecordException):
        await reading.turns(1)
    await reading.turns(20)
    assert reading.poll.unreadable == "partition 0 of t, 1 of t: CorruptRecordException"
    assert reading.taken[other] == [0]


@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
async def test_what_is_held_is_not_polled(apart: bool) -> None:
    reading = Reading(Losing(p0=[0, 1], p1=[0, 1]))
    if apart:
        reading.poll._look_closely()
    found = [await reading.poll.getmany(timeout_ms=50, max_records=1, held={P0}) for _ in range(3)]
    assert {partition for batch in found for partition in batch} == {P1}
    assert await reading.poll.getmany(timeout_ms=50, max_records=1, held={P0, P1}) == {}
    assert await reading.poll.getmany(timeout_ms=50, max_records=1, held={P1}) == {P0: [0]}
