"""Intake between a scripted consumer and a real window: pauses, rebalances, and how it starts and stops."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
)

from tests.support.fakes.intake import P0, P1, Bench, FakeBroker
from tests.support.fakes.ports import settle
from worker.kafka.progress import DEAD_AFTER
from worker.pipeline.shutdown import Released


async def test_a_full_window_pauses_all_partitions_and_room_resumes_them(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P0, 2), (P1, 0))
    assert bench.consumer.paused == {P0, P1}
    await bench.finish(0, 1)
    assert bench.consumer.paused == set()


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
    bench.intake._committer.end()
    await settle()
    assert bench.intake.dead() == "the commit task has ended"


async def test_a_consumer_that_does_not_poll_is_seen(bench: Bench) -> None:
    await bench.join(P0)
    bench.intake._progress._last_poll -= DEAD_AFTER + 1
    told = bench.intake.dead()
    assert told is not None
    assert "not polled" in told


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
    assert bench.window.partitions.committable() == {}
    assert bench.window.records == 0
