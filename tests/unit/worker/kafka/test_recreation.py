"""Topics that are recreated, under a worker or while none reads: read from their beginning, and the loss is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from tests.support.fakes.intake import P0, P1, WAITS, Bench
from worker.pipeline.ports import Position

OLD, NEW = str(UUID(int=1)), str(UUID(int=2))


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
    await bench.commit()
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
        bench.topic_ids.doubt()
        return polled

    monkeypatch.setattr(bench.careful_poll, "getmany", getmany)
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == polled
    bench.consumer.topic_id = UUID(int=2)
    bench.topic_ids._by_topic["submissions"]._stale = False
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == {}
    assert bench.consumer.sought == [(P0, 0)]
    assert await bench.consumer.getmany(timeout_ms=50, max_records=500) == polled


async def test_what_was_set_aside_of_a_recreated_topic_is_lost_and_not_sought(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5), (P0, 6))
    await bench.finish(0, 5, WAITS)
    bench.consumer.topic_id = UUID(int=2)
    bench.topic_ids.doubt()
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
    bench.topic_ids.doubt()
    bench.positions.unavailable = True
    await bench.poll()
    await bench.commit()
    assert (bench.consumer.sought, bench.consumer.commits) == ([], [])
    bench.positions.unavailable = False
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    assert len(bench.positions.losses) == 1


async def test_a_topic_is_still_known_after_it_was_deleted_for_a_while(bench: Bench) -> None:
    await bench.join(P0)
    await bench.poll((P0, 5))
    await bench.finish(0, 5)
    await bench.commit()
    for assigned in (set[TopicPartition](), {P0}):
        await bench.intake.on_partitions_revoked({P0})
        await bench.intake.on_partitions_assigned(assigned)
    bench.consumer.topic_id = UUID(int=2)
    bench.topic_ids.doubt()
    await bench.poll()
    assert bench.consumer.sought == [(P0, 0)]
    ((_, loss),) = bench.positions.losses
    assert loss.from_offset == 6


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
    place = ("g", "submissions", 0)
    bench.positions.positions[place] = Position(6)
    bench.consumer.offsets[P0] = OffsetAndMetadata(6, "")
    _meanwhile(monkeypatch, bench, lambda: bench.positions.positions.update({place: Position(20, OLD)}))
    await bench.join(P0)
    assert bench.positions.positions[place] == Position(20, OLD)


async def test_what_another_owner_noted_and_committed_meanwhile_is_not_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a worker that was frozen, and does not know yet that it has lost the partition."""
    place = ("g", "submissions", 0)

    def go_on() -> None:
        bench.positions.positions[place] = Position(20, OLD)
        bench.consumer.offsets[P0] = OffsetAndMetadata(20, f"herald topic={OLD}")

    bench.positions.positions[place] = Position(6, OLD)
    bench.consumer.offsets[P0] = OffsetAndMetadata(6, f"herald topic={OLD}")
    _meanwhile(monkeypatch, bench, go_on)
    await bench.join(P0)
    assert bench.positions.losses == []
    assert bench.positions.positions[place] == Position(20, OLD)


def _meanwhile(monkeypatch: pytest.MonkeyPatch, bench: Bench, act: Callable[[], None]) -> None:
    """Let another worker act right after this one has read what the journal has noted."""
    noted = bench.positions.noted

    async def noted_then(*given: Any) -> Any:
        found = await noted(*given)
        act()
        return found

    monkeypatch.setattr(bench.positions, "noted", noted_then)


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
