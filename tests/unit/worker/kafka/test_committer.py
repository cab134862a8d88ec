"""Commits: what is finished without a gap, whatever fails, and never what another worker may have."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    IllegalStateError,
)
from aiokafka.structs import OffsetAndMetadata

from tests.support.fakes.intake import P0, P1, Bench
from tests.support.fakes.ports import settle
from worker.kafka import committer
from worker.pipeline.ports import Position, Record


async def test_only_what_is_finished_without_a_gap_is_committed(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 0), (P0, 1), (P1, 7))
    await bench.finish(0, 1)
    await bench.finish(1, 7)
    await bench.commit()
    assert bench.consumer.commits == [{P0: 0, P1: 8}]
    await bench.commit()
    assert len(bench.consumer.commits) == 1


@pytest.mark.parametrize(
    "error", [CommitFailedError(), IllegalStateError(), ValueError()], ids=lambda error: type(error).__name__
)
async def test_a_failed_commit_is_made_good_by_the_next(bench: Bench, error: Exception) -> None:
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.consumer.refuse = error
    await bench.commit()
    bench.consumer.refuse = None
    await bench.commit()
    assert bench.consumer.commits == [{P0: 1}]


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
    await bench.commit()
    assert bench.consumer.commits == [{P0: 1}]


async def test_a_stop_does_not_wait_for_a_kafka_that_is_unavailable(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "LEAVE_DEADLINE", 0.05)
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.consumer.unavailable = True
    async with asyncio.timeout(5):
        await bench.intake.stop()
    assert bench.consumer.commits == []
    assert bench.broker.stopped


async def test_a_position_is_noted_before_it_is_committed(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)
    bench.positions.unavailable = True
    await bench.commit()
    assert bench.consumer.commits == []
    bench.positions.unavailable = False
    bench.consumer.refuse = CommitFailedError()
    await bench.commit()
    assert bench.positions.positions["g", "submissions", 0] == Position(1, str(UUID(int=1)))
    bench.consumer.refuse = None
    await bench.commit()
    assert bench.consumer.offsets[P0] == OffsetAndMetadata(1, f"herald topic={UUID(int=1)}")


async def test_a_right_that_is_refused_to_commits_is_told_and_logged_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.consumer.refuse = GroupAuthorizationFailedError("g")
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(P0.partition, 0)
    for _ in range(3):
        await bench.commit()

    assert bench.intake.unreadable == "Kafka refuses Read on group g: grant it to this login"
    told = [one.message for one in caplog.records]
    assert told.count("Kafka refuses a right") == told.count("commit failed") == 1


@pytest.mark.parametrize("how", ["revoked", "stopped"])
async def test_a_journal_that_hangs_delays_no_rebalance_and_no_stop_for_longer_than_the_deadline(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A position is noted before each commit; the records then come again, and are answered from the journal."""
    monkeypatch.setattr(committer, "LEAVE_DEADLINE", 0.05)
    await bench.join(P0)
    await bench.poll((P0, 0))
    await bench.finish(0, 0)

    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(bench.positions, "note", hang)
    async with asyncio.timeout(5):
        await (bench.intake.stop() if how == "stopped" else bench.intake.on_partitions_revoked({P0}))
    assert bench.consumer.commits == []
