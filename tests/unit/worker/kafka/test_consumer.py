"""Intake between a scripted consumer and a real window: pauses, rebalances, commits, and how it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)

from tests.support.fakes.ports import settle
from tests.support.fakes.positions import FakePositions
from worker.kafka import consumer as consumer_module
from worker.kafka import open_transactions
from worker.kafka.consumer import Intake
from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.offset_resets import OffsetResets
from worker.kafka.window import Window
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, SetAside, Shutdown

WAITS = SetAside(Hold(Party(Scope.SOURCE, "/his/a"), stopped=True))
P0, P1 = TopicPartition("submissions", 0), TopicPartition("submissions", 1)


class FakeConsumer:
    """Keeps what it was asked for; `commit` raises what it is told to."""

    def __init__(self) -> None:
        self.paused: set[TopicPartition] = set()
        self.sought: list[tuple[TopicPartition, int]] = []
        self.begins = 0
        self.commits: list[dict[TopicPartition, int]] = []
        self.refuse: Exception | None = None
        self.poll_error: Exception | None = None
        self._coordinator: Any = None
        self.unavailable = False
        self.topic_id = UUID(int=1)
        self.places: dict[TopicPartition, SimpleNamespace] = {}
        assignment = SimpleNamespace(state_value=self.places.get)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        self.metadata_listeners: list[Callable[[object], None]] = []
        cluster = SimpleNamespace(add_listener=self.metadata_listeners.append)
        self._client = SimpleNamespace(
            cluster=cluster, get_random_node=lambda: 1, send=self._send, force_metadata_update=lambda: None
        )

    def stands(self, partition: TopicPartition, position: int, stable: int = 99, end: int = 99) -> None:
        """Let it have read so far."""
        self.places[partition] = SimpleNamespace(
            has_valid_position=True, position=position, lso=stable, highwater=end
        )

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.begins)

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            raise self.refuse
        if self.unavailable:
            await asyncio.Event().wait()
        self.commits.append(offsets)

    async def getmany(self, *_: TopicPartition, **__: Any) -> dict[TopicPartition, list[Any]]:
        if self.poll_error:
            raise self.poll_error
        return {}

    def assignment(self) -> set[TopicPartition]:
        return {P0}

    async def _send(self, _node: int, _request: object) -> SimpleNamespace:
        """Answer what a request for metadata asks: the topic's id."""
        return SimpleNamespace(topics=[(0, "submissions", self.topic_id)])


class FakeBroker:
    """Stands for FastStream: holds the subscriber with its consumer and the handler of batches."""

    def __init__(self) -> None:
        self.consumer = FakeConsumer()
        self.handler: Callable[[tuple[Any, ...]], Awaitable[None]]
        self.start_error: Exception | None = None
        self.stopped = False

    def subscriber(self, *_: Any, **options: Any) -> FakeBroker:
        self.options = options
        return self

    def __call__(self, handler: Callable[[tuple[Any, ...]], Awaitable[None]]) -> None:
        self.handler = handler

    async def start(self) -> None:
        if self.start_error:
            raise self.start_error

    async def stop(self) -> None:
        self.stopped = True


class Bench:
    """An intake with partitions, whose records the test finishes one by one."""

    def __init__(self, *, window_records: int = 4, drain_seconds: float = 5.0) -> None:
        self.broker = FakeBroker()
        self.positions = FakePositions()
        self.running: dict[tuple[int, int], asyncio.Future[None]] = {}
        self.resets = OffsetResets("nhis", "g", self.positions)
        settings = IntakeSettings(
            window_records=window_records, drain_seconds=drain_seconds, commit_interval=60
        )
        make_window = partial(
            Window, self._process, max_records=window_records, max_bytes=10_000, max_set_aside=2
        )
        self.intake = Intake(lambda: self.broker, ["submissions"], make_window, settings, self.resets)  # type: ignore[arg-type,return-value]

    @property
    def window(self) -> Window:
        return self.intake._window

    async def _process(self, record: Record, shutdown: Shutdown) -> None:
        place = (record.partition, record.offset)
        self.running[place] = asyncio.get_running_loop().create_future()
        try:
            await self.running[place]
        finally:
            del self.running[place]

    @property
    def consumer(self) -> FakeConsumer:
        return self.broker.consumer

    async def join(self, *partitions: TopicPartition) -> None:
        await self.intake.start()
        await self.intake.on_partitions_revoked(set())
        await self.intake.on_partitions_assigned(set(partitions))
        await self.poll()

    async def poll(self, *records: tuple[TopicPartition, int]) -> None:
        await self.consumer.getmany(timeout_ms=50, max_records=500)
        await self.hand_over(*records)

    async def hand_over(self, *records: tuple[TopicPartition, int]) -> None:
        """Give records to the handler that an earlier poll returned."""
        raw = [
            SimpleNamespace(
                topic=tp.topic,
                partition=tp.partition,
                offset=offset,
                timestamp=0,
                key=b"%d" % offset,
                value=b"",
                headers=(),
            )
            for tp, offset in records
        ]
        await self.broker.handler(tuple(raw))
        await settle()

    async def finish(self, partition: int, offset: int, error: Exception | None = None) -> None:
        done = self.running[(partition, offset)]
        done.set_exception(error) if error else done.set_result(None)
        await settle()


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    for done in list(made.running.values()):
        done.set_exception(Released())
    await made.intake.stop()


async def test_a_full_window_pauses_all_partitions_and_room_resumes_them(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P0, 2), (P1, 0))
    assert bench.consumer.paused == {P0, P1}
    await bench.finish(0, 1)
    assert bench.consumer.paused == set()


async def test_only_what_is_finished_without_a_gap_is_committed(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P1, 7))
    await bench.finish(0, 1)
    await bench.finish(1, 7)
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 0, P1: 8}]
    await bench.intake._commit()
    assert len(bench.consumer.commits) == 1


async def test_a_gap_at_the_end_of_a_partition_is_committed_past(bench: Bench) -> None:
    """A transaction's marker, or what was aborted: nothing is behind it that would show it."""
    await bench.join(P0, P1)
    bench.consumer.stands(P0, 9)
    bench.consumer.stands(P1, 4)
    await bench.poll((P0, 5))
    await bench.poll()
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 5, P1: 4}]  # offset 5 is still in flight
    await bench.finish(0, 5)
    await bench.intake._commit()
    assert bench.consumer.commits[1:] == [{P0: 9}]


async def test_what_was_polled_and_not_handed_over_yet_is_not_committed_past(bench: Bench) -> None:
    await bench.join(P0)
    bench.consumer.stands(P0, 6)
    await bench.consumer.getmany(timeout_ms=50, max_records=500)
    await bench.intake._commit()
    assert bench.consumer.commits == []
    await bench.hand_over((P0, 5))
    await bench.poll()
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 5}]


async def test_what_was_dropped_at_a_rebalance_or_a_stop_is_not_committed_past(bench: Bench) -> None:
    await bench.join(P0)
    bench.consumer.stands(P0, 6)
    await bench.consumer.getmany(timeout_ms=50, max_records=500)
    await bench.intake.on_partitions_revoked({P0})
    bench.consumer.places.clear()
    await bench.intake.on_partitions_assigned({P0})
    await bench.hand_over((P0, 5))
    await bench.poll()
    bench.consumer.stands(P0, 6)
    await bench.poll()
    bench.intake._stopping = True
    await bench.poll()
    await bench.intake._commit()
    assert bench.consumer.commits == []


async def test_an_open_transaction_is_told_with_partition_and_since_when(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_transactions, "TOLD_AFTER", 0.0)
    await bench.join(P0, P1)
    bench.consumer.stands(P0, 7, stable=7, end=9)
    bench.consumer.stands(P1, 3, stable=9, end=9)
    await bench.poll()
    await bench.poll()
    told = bench.intake.open_transactions
    assert told is not None
    assert "partition 0 waits at offset 7 since 20" in told
    assert "partition 1" not in told
    bench.consumer.stands(P0, 9, stable=9, end=9)
    await bench.poll()
    assert bench.intake.open_transactions is None


@pytest.mark.parametrize(
    "error", [CommitFailedError(), IllegalStateError(), ValueError()], ids=lambda error: type(error).__name__
)
async def test_a_failed_commit_is_made_good_by_the_next(bench: Bench, error: Exception) -> None:
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.consumer.refuse = error
    await bench.intake._commit()
    bench.consumer.refuse = None
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 1}]


async def test_a_revoked_partition_is_drained_committed_and_forgotten(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P1, 0))
    revoked = asyncio.create_task(bench.intake.on_partitions_revoked({P0, P1}))
    await settle()
    assert not revoked.done()
    await bench.finish(0, 0)
    await bench.finish(0, 1, Released())
    await bench.finish(1, 0, Released())
    await revoked
    assert bench.consumer.commits == [{P0: 1, P1: 0}]
    assert bench.window.records == 0
    assert not bench.intake.assigned


async def test_one_that_gets_no_partition_has_joined_all_the_same(bench: Bench) -> None:
    """More workers than partitions: a rollout waits for each of them to be ready."""
    assert not bench.intake.joined
    await bench.join()
    assert (bench.intake.joined, bench.intake.assigned) == (True, False)
    await bench.intake.on_partitions_assigned({P0})
    await bench.intake.on_partitions_revoked({P0})
    assert (bench.intake.joined, bench.intake.assigned) == (True, False)


async def test_a_batch_that_was_polled_before_a_rebalance_is_dropped(bench: Bench) -> None:
    await bench.join(P0)
    await bench.intake.on_partitions_revoked({P0})
    await bench.intake.on_partitions_assigned({P0})
    await bench.hand_over((P0, 0))
    assert bench.running == {}
    await bench.poll((P0, 0))
    assert list(bench.running) == [(0, 0)]


async def test_an_assignment_while_the_window_is_full_is_paused(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll(*((P0, offset) for offset in range(4)))
    bench.consumer.paused.clear()  # as a new assignment does
    bench.window.forget = lambda _: None  # type: ignore[method-assign]  # what another partition still holds
    await bench.intake.on_partitions_assigned({P0, P1})
    assert bench.consumer.paused == {P0, P1}


async def test_a_stop_lets_nothing_new_in_while_it_drains(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1))
    stop = asyncio.create_task(bench.intake.stop())
    await settle()
    await bench.finish(0, 0)
    # There is room now, and P1 has nothing to drain; but the worker leaves.
    assert bench.consumer.paused == {P0, P1}
    await bench.poll((P1, 0))
    assert list(bench.running) == [(0, 1)]
    await bench.finish(0, 1)
    await stop
    assert bench.consumer.commits == [{P0: 2}]
    assert bench.broker.stopped
    assert bench.window.records == 0


async def test_it_can_be_started_again_after_a_stop(bench: Bench) -> None:
    await bench.join(P0)
    await bench.intake.stop()
    bench.broker = FakeBroker()
    await bench.join(P0)
    await bench.poll((P0, 5))
    assert list(bench.running) == [(0, 5)]


async def test_a_start_without_kafka_says_so_and_leaves_nothing_open(bench: Bench) -> None:
    bench.broker.start_error = KafkaConnectionError()
    with pytest.raises(KafkaConnectionError):
        await bench.intake.start()
    assert bench.broker.stopped
    assert bench.intake.dead() is None


async def test_a_commit_task_that_ended_is_seen(bench: Bench) -> None:
    await bench.join(P0)
    assert bench.intake.dead() is None
    assert bench.intake._committer is not None
    bench.intake._committer.cancel()
    await settle()
    assert bench.intake.dead() == "the commit task has ended"


async def test_a_consumer_that_does_not_poll_is_seen(bench: Bench) -> None:
    await bench.join(P0)
    bench.intake._progress._last_poll -= 61
    told = bench.intake.dead()
    assert told is not None
    assert "not polled" in told


async def test_what_was_taken_of_a_partition_that_is_not_ours_keeps_no_other_from_its_commit(
    bench: Bench,
) -> None:
    await bench.join(P0)
    await bench.poll((P0, 0), (P1, 0))
    assert list(bench.running) == [(0, 0)]
    bench.window.take([Record("submissions", 1, 5, 0, b"k", b"", ())])
    await settle()
    await bench.finish(0, 0)
    await bench.finish(1, 5)
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 1}]


async def test_polls_that_fail_without_end_are_seen(bench: Bench) -> None:
    await bench.join(P0)
    bench.intake._progress._last_good_poll -= 61
    bench.intake._progress._last_poll += 1
    told = bench.intake.dead()
    assert told is not None
    assert "every poll has failed" in told


async def test_a_rebalance_that_waits_for_kafka_is_no_death_for_a_while(bench: Bench) -> None:
    await bench.join(P0)
    await bench.intake.on_partitions_revoked({P0})
    bench.intake._progress._last_poll -= 200
    assert bench.intake.dead() is None
    bench.intake._progress._last_poll -= 200
    assert bench.intake.dead() is not None


async def test_a_stop_does_not_wait_for_a_kafka_that_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "LEAVE_DEADLINE", 0.05)
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.consumer.unavailable = True
    async with asyncio.timeout(5):
        await bench.intake.stop()
    assert bench.consumer.commits == []
    assert bench.broker.stopped


async def test_what_others_keep_back_stays_so_over_a_rebalance_and_room(bench: Bench) -> None:
    await bench.join(P0)
    bench.intake.keep_back("circuit", wanted=True)
    bench.intake.keep_back("flood", wanted=True)
    assert bench.consumer.paused == {P0}
    await bench.intake.on_partitions_revoked({P0})
    bench.consumer.paused.clear()  # Kafka's client forgets it
    await bench.intake.on_partitions_assigned({P0, P1})
    assert bench.consumer.paused == {P0, P1}
    bench.intake.keep_back("circuit", wanted=False)
    assert bench.consumer.paused == {P0, P1}
    bench.intake.keep_back("flood", wanted=False)
    assert bench.consumer.paused == set()


async def test_room_in_the_window_resumes_nothing_that_others_keep_back(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll(*((P0, offset) for offset in range(4)))
    bench.intake.keep_back("circuit", wanted=True)
    for offset in range(4):
        bench.running[0, offset].set_result(None)
    await settle()
    assert bench.consumer.paused == {P0}
    bench.intake.keep_back("circuit", wanted=False)
    assert bench.consumer.paused == set()


async def test_what_is_kept_back_before_there_are_partitions_is_kept_back_then(bench: Bench) -> None:
    bench.intake.keep_back("flood", wanted=True)
    await bench.join(P0)
    assert bench.consumer.paused == {P0}


async def test_an_exchange_outlives_its_partition_and_has_no_say_in_commits(bench: Bench) -> None:
    bench.intake._settings = bench.intake._settings.model_copy(update={"drain_seconds": 0.01})
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.intake.on_partitions_revoked({P0})
    assert list(bench.running) == [(0, 0)]  # it was not cut off
    assert bench.window.records == 0
    await bench.intake.on_partitions_assigned({P0})
    bench.running[0, 0].set_result(None)
    await settle()
    assert bench.window.committable() == {}
    assert bench.window.records == 0


@pytest.fixture
def looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "READ_AGAIN_INTERVAL", 0.0)


@pytest.mark.usefixtures("looks_always")
async def test_a_partition_is_read_again_from_what_was_set_aside(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 5), (P0, 6), (P1, 0))
    await bench.finish(0, 5, WAITS)
    await bench.poll()
    assert bench.consumer.sought == [(P0, 5)]
    await bench.poll((P0, 5), (P0, 6))
    assert list(bench.running) == [(0, 6), (1, 0), (0, 5)]
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 5, P1: 0}]


@pytest.mark.usefixtures("looks_always")
async def test_what_kafka_deleted_meanwhile_is_lost_and_told(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5), (P0, 6), (P0, 7))
    for offset in (5, 7):
        await bench.finish(0, offset, WAITS)
    await bench.finish(0, 6)
    await bench.poll()
    bench.consumer.begins = 7
    await bench.intake._reset(bench.consumer, P0, 5)
    assert bench.consumer.sought == [(P0, 5), (P0, 7)]
    await bench.poll((P0, 7))
    ((_, loss),) = bench.positions.losses
    assert (loss.from_offset, loss.to_offset) == (5, 6)
    assert "1 of them were not answered" in loss.why
    assert bench.resets.lost_offsets == 1
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 7}]


@pytest.mark.usefixtures("looks_always")
async def test_a_crowded_partition_is_read_no_further_and_the_others_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = True
    monkeypatch.setattr(bench.window, "_waits", lambda _: waits)
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P1, 0))
    for offset in (0, 1):
        await bench.finish(0, offset, WAITS)
    await bench.poll()
    assert bench.consumer.paused == {P0}
    assert "partition 0" in (bench.intake.crowded or "")
    bench.intake.keep_back("circuit", wanted=True)
    bench.intake.keep_back("circuit", wanted=False)
    assert bench.consumer.paused == {P0}
    waits = False
    await bench.poll()
    assert bench.consumer.paused == set()
    assert bench.consumer.sought == [(P0, 0)]
    assert bench.intake.crowded is None


async def test_a_recreated_topic_is_read_from_its_beginning_and_told(bench: Bench) -> None:
    """Its log is longer than what was read of the old one, so no offset shows it."""
    await bench.join(P0)
    await bench.poll((P0, 5), (P0, 6), (P0, 7), (P0, 8))
    assert bench.consumer.paused == {P0}
    bench.consumer.topic_id = UUID(int=2)
    for offset in (5, 6):
        await bench.finish(0, offset)
    assert bench.consumer.paused == set()
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    ((_, loss),) = bench.positions.losses
    assert (loss.from_offset, loss.to_offset) == (9, None)
    await bench.poll((P0, 0))
    await bench.finish(0, 7)  # of the old topic: it has no say in what is committed of the new one
    await bench.intake._commit()
    assert bench.consumer.commits == [{P0: 0}]
    await bench.poll()
    assert len(bench.positions.losses) == 1


async def test_what_was_polled_of_a_recreated_topic_before_its_id_is_known_does_not_count(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5))
    polled: dict[TopicPartition, list[Any]] = {P0: ["a record of the new topic"]}

    async def getmany(**_: Any) -> dict[TopicPartition, list[Any]]:
        bench.intake._topic_ids.doubt()
        return polled

    assert bench.intake._poll is not None
    monkeypatch.setattr(bench.intake._poll, "getmany", getmany)
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == polled
    bench.consumer.topic_id = UUID(int=2)
    bench.intake._topic_ids._by_topic["submissions"]._stale = False
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == {}
    assert bench.consumer.sought == [(P0, 0)]
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == polled


@pytest.mark.usefixtures("looks_always")
async def test_what_was_set_aside_of_a_recreated_topic_is_lost_and_not_sought(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5), (P0, 6))
    await bench.finish(0, 5, WAITS)
    bench.consumer.topic_id = UUID(int=2)
    bench.intake._topic_ids.doubt()
    await bench.poll()
    await bench.poll()
    ((_, loss),) = bench.positions.losses
    assert loss.from_offset == 5
    assert bench.consumer.sought == [(P0, 0)]


async def test_nothing_is_read_or_committed_of_a_recreated_topic_before_the_loss_is_written(
    bench: Bench,
) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5))
    await bench.finish(0, 5)
    bench.consumer.topic_id = UUID(int=2)
    bench.intake._topic_ids.doubt()
    bench.positions.unavailable = True
    await bench.poll()
    await bench.intake._commit()
    assert (bench.consumer.sought, bench.consumer.commits) == ([], [])
    bench.positions.unavailable = False
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    assert len(bench.positions.losses) == 1


async def test_a_topic_is_still_known_after_it_was_deleted_for_a_while(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5))
    await bench.finish(0, 5)
    await bench.intake._commit()
    bench.positions.noted["g", "submissions", 0] = 6
    for assigned in (set[TopicPartition](), {P0}):
        await bench.intake.on_partitions_revoked({P0})
        await bench.intake.on_partitions_assigned(assigned)
    bench.consumer.topic_id = UUID(int=2)
    bench.intake._topic_ids.doubt()
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    ((_, loss),) = bench.positions.losses
    assert loss.from_offset == 6


@pytest.mark.parametrize("error", [GroupAuthorizationFailedError("g"), TopicAuthorizationFailedError("t")])
async def test_a_right_that_is_refused_to_a_poll_is_told_at_once_and_raises_nothing(
    bench: Bench, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream would log a traceback and pause for seconds, and readiness would say nothing meanwhile."""
    monkeypatch.setattr("worker.kafka.consumer.REFUSED_PAUSE", 0)
    rejoins: list[bool] = []
    bench.consumer._coordinator = SimpleNamespace(request_rejoin=lambda: rejoins.append(True))
    bench.consumer.poll_error = error
    await bench.join(P0)

    what = "group g" if isinstance(error, GroupAuthorizationFailedError) else "topic t"
    assert bench.intake.unreadable == f"Kafka refuses Read on {what}: grant it to this login"
    # The heartbeats have ended, so that Kafka would expel the member in silence.
    assert bool(rejoins) is isinstance(error, GroupAuthorizationFailedError)
    bench.consumer.poll_error = None
    await bench.poll((P0, 0))
    assert bench.running


async def test_a_right_that_is_refused_to_commits_is_told_and_logged_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.consumer.refuse = GroupAuthorizationFailedError("g")
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(P0.partition, 0)
    for _ in range(3):
        await bench.intake._commit()

    assert bench.intake.unreadable == "Kafka refuses Read on group g: grant it to this login"
    told = [one.message for one in caplog.records]
    assert told.count("Kafka refuses a right") == told.count("commit failed") == 1
