"""What was set aside is read again, and what Kafka deleted of it meanwhile is reported as lost."""

from __future__ import annotations

import pytest

from tests.support.fakes.intake import P0, P1, WAITS, Bench
from worker.kafka import rereading


@pytest.fixture
def looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "READ_AGAIN_INTERVAL", 0.0)


@pytest.mark.usefixtures("looks_always")
async def test_a_partition_is_read_again_from_what_was_set_aside(bench: Bench) -> None:
    await bench.join(P0, P1)
    await bench.poll((P0, 5), (P0, 6), (P1, 0))
    await bench.finish(0, 5, WAITS)
    await bench.poll()
    assert bench.consumer.sought == [(P0, 5)]
    await bench.poll((P0, 5), (P0, 6))
    assert list(bench.running) == [(0, 6), (1, 0), (0, 5)]
    await bench.commit()
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
    await bench.reset(P0, 5)
    assert bench.consumer.sought == [(P0, 5), (P0, 7)]
    await bench.poll((P0, 7))
    ((_, loss),) = bench.positions.losses
    assert (loss.from_offset, loss.to_offset) == (5, 6)
    assert "1 of them were not answered" in loss.why
    assert bench.resets.lost_offsets == 1
    await bench.commit()
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
