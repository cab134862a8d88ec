"""Intake between a scripted consumer and a real window: pauses, rebalances, commits, and how it stops."""

from __future__ import annotations

import asyncio
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
from aiokafka.structs import OffsetAndMetadata

from tests.support.fakes.intake import Bench, FakeBroker
from tests.support.fakes.ports import settle
from worker.kafka import consumer as consumer_module
from worker.kafka import open_transactions
from worker.kafka.progress import DEAD_AFTER
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Position, Record
from worker.pipeline.shutdown import Released, SetAside

WAITS = SetAside(Hold(Party(Scope.SOURCE, "/his/a"), stopped=True))
P0, P1 = TopicPartition("submissions", 0), TopicPartition("submissions", 1)


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


async def test_an_open_transaction_is_reported_with_partition_and_since_when(
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
    bench.intake._progress._last_poll -= DEAD_AFTER + 1
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
    bench.intake._progress._last_good_poll -= DEAD_AFTER + 1
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


async def test_a_stop_does_not_wait_for_a_kafka_that_is_unavailable(
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
async def test_what_kafka_deleted_meanwhile_is_lost_and_reported(bench: Bench) -> None:
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


async def test_a_recreated_topic_is_read_from_its_beginning_and_reported(bench: Bench) -> None:
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
    assert bench.consumer.commits == [{P0: 0}, {P0: 0}]  # at once, and what the window may commit
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
    for assigned in (set[TopicPartition](), {P0}):
        await bench.intake.on_partitions_revoked({P0})
        await bench.intake.on_partitions_assigned(assigned)
    bench.consumer.topic_id = UUID(int=2)
    bench.intake._topic_ids.doubt()
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    ((_, loss),) = bench.positions.losses
    assert loss.from_offset == 6


OLD, NEW = str(UUID(int=1)), str(UUID(int=2))


async def test_a_topic_that_was_recreated_while_no_worker_ran_is_read_from_its_beginning_and_told(
    bench: Bench,
) -> None:
    bench.positions.positions["g", "submissions", 0] = Position(6, OLD)
    bench.consumer.offsets[P0] = OffsetAndMetadata(6, f"herald topic={OLD}")
    bench.consumer.topic_id = UUID(int=2)
    await bench.join(P0, P1)
    assert bench.consumer.sought == [(P0, 0)]
    assert [loss.from_offset for _, loss in bench.positions.losses] == [6]
    assert bench.consumer.offsets[P0] == OffsetAndMetadata(0, f"herald topic={NEW}")
    assert bench.positions.positions["g", "submissions", 0] == Position(0, NEW)
    await bench.poll((P0, 0))
    assert len(bench.positions.losses) == 1


async def test_what_the_group_committed_and_the_journal_forgot_is_told_and_not_read_again(
    bench: Bench,
) -> None:
    bench.positions.positions["g", "submissions", 0] = Position(2, OLD)
    bench.consumer.offsets[P0] = OffsetAndMetadata(6, f"herald topic={OLD}")
    await bench.join(P0)
    ((_, loss),) = bench.positions.losses
    assert (loss.from_offset, loss.to_offset) == (2, 6)
    assert "older than the group's offset" in (bench.resets.journal_behind or "")
    assert bench.resets.told is None
    assert (bench.resets.forgotten_offsets, bench.resets.lost_offsets) == (4, 0)
    assert bench.consumer.sought == []
    await bench.intake.on_partitions_assigned({P0})
    await bench.poll()
    assert len(bench.positions.losses) == 1


async def test_what_the_next_owner_noted_meanwhile_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This worker found out where to begin, and lost the partition before it could note it."""
    place, fetch = ("g", "submissions", 0), bench.consumer._coordinator.fetch_committed_offsets

    async def fetch_slowly(partitions: list[TopicPartition]) -> dict[TopicPartition, Any]:
        found = await fetch(partitions)
        bench.positions.positions[place] = Position(20, OLD)
        return dict(found)

    bench.positions.positions[place] = Position(6)
    bench.consumer.offsets[P0] = OffsetAndMetadata(6, "")
    monkeypatch.setattr(bench.consumer._coordinator, "fetch_committed_offsets", fetch_slowly)
    await bench.join(P0)
    assert bench.positions.positions[place] == Position(20, OLD)


@pytest.mark.parametrize(
    "known",
    [Position(9, OLD), Position(0, OLD)],
    ids=["read", "a worker ended before it noted the beginning"],
)
async def test_a_journal_of_before_a_recreation_learns_the_topic_that_there_is_now(
    bench: Bench, known: Position
) -> None:
    bench.positions.positions["g", "submissions", 0] = known
    bench.consumer.offsets[P0] = OffsetAndMetadata(4, f"herald topic={NEW}")
    bench.consumer.topic_id = UUID(int=2)
    await bench.join(P0)
    assert bench.positions.positions["g", "submissions", 0] == Position(4, NEW)
    assert bench.consumer.sought == []
    assert [(loss.from_offset, loss.to_offset) for _, loss in bench.positions.losses] == [(0, 4)]


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
        assert bench.intake._poll is not None
        monkeypatch.setattr(bench.intake._poll, "getmany", getmany)
        await bench.poll()
        assert polls == []
    bench.positions.unavailable = False
    bench.intake._topic_ids._by_topic[P0.topic]._not_before = float("-inf")
    await bench.poll()
    assert polls == [None]


async def test_a_position_is_noted_before_it_is_committed(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.positions.unavailable = True
    await bench.intake._commit()
    assert bench.consumer.commits == []
    bench.positions.unavailable = False
    bench.consumer.refuse = CommitFailedError()
    await bench.intake._commit()
    assert bench.positions.positions["g", "submissions", 0] == Position(1, OLD)
    bench.consumer.refuse = None
    await bench.intake._commit()
    assert bench.consumer.offsets[P0] == OffsetAndMetadata(1, f"herald topic={OLD}")


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
    monkeypatch.setattr("worker.kafka.consumer.REFUSED_PAUSE", 0)
    bench.consumer.poll_error = error
    await bench.join(P0)

    what = "group g" if isinstance(error, GroupAuthorizationFailedError) else "topic t"
    assert bench.intake.unreadable == f"Kafka refuses Read on {what}: grant it to this login"
    # The heartbeats have ended, so that Kafka would expel the member in silence.
    assert bool(bench.consumer.rejoins) is isinstance(error, GroupAuthorizationFailedError)
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


@pytest.mark.parametrize("how", ["revoked", "stopped"])
async def test_a_journal_that_hangs_delays_no_rebalance_and_no_stop_for_longer_than_the_deadline(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A position is noted before each commit; the records then come again, and are answered from the journal."""
    monkeypatch.setattr(consumer_module, "LEAVE_DEADLINE", 0.05)
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)

    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(bench.positions, "note", hang)
    async with asyncio.timeout(5):
        await (bench.intake.stop() if how == "stopped" else bench.intake.on_partitions_revoked({P0}))
    assert bench.consumer.commits == []
