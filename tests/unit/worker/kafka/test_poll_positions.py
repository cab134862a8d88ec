"""Gaps in a log are committed past, as far as what was polled is in the window; open transactions are reported."""

from __future__ import annotations

import pytest

from tests.support.fakes.intake import P0, P1, Bench
from worker.kafka import open_transactions


async def test_a_gap_at_the_end_of_a_partition_is_committed_past(bench: Bench) -> None:
    """A transaction's marker, or what was aborted: nothing is behind it that would show it."""
    await bench.join(P0, P1)
    bench.consumer.stands(P0, 9)
    bench.consumer.stands(P1, 4)
    await bench.poll((P0, 5))
    await bench.poll()
    await bench.commit()
    assert bench.consumer.commits == [{P0: 5, P1: 4}]  # offset 5 is still in flight
    await bench.finish(0, 5)
    await bench.commit()
    assert bench.consumer.commits[1:] == [{P0: 9}]


async def test_what_was_polled_and_not_handed_over_yet_is_not_committed_past(bench: Bench) -> None:
    await bench.join(P0)
    bench.consumer.stands(P0, 6)
    await bench.consumer.getmany(timeout_ms=50, max_records=500)
    await bench.commit()
    assert bench.consumer.commits == []
    await bench.hand_over((P0, 5))
    await bench.poll()
    await bench.commit()
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
    bench.intake._assignment.stopping = True
    await bench.poll()
    await bench.commit()
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
