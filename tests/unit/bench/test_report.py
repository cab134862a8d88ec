"""What the benchmark makes of its measurements."""

from __future__ import annotations

import pytest

from tests.bench.contest.contest import Results
from tests.bench.contest.report import of_plain, percentile, report
from tests.bench.contest.rounds import Cost


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (0.5, 51), (0.99, 100), (1, 100)], ids=["least", "median", "p99", "most"]
)
def test_percentiles_are_values_that_were_measured(share, expected):
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_medians_and_their_ratios():
    found = report(
        Results(
            floor=[0.2, 0.4, 0.2],
            costs={
                "herald": [Cost(1.0, 0.1, 500), Cost(9.0, 0.3, 100), Cost(1.2, 0.2, 400)],
                "plain": [Cost(3.6, 0, 200), Cost(3.6, 0, 200), Cost(99, 0, 1)],
            },
            latencies={"herald": [0.010, 0.020, 0.030]},
            memory={"herald": 151.26},
            stages={"sign": 0.3},
        )
    )
    assert found == {
        "floor_ms": 0.2,
        "herald_ms": 1.2,
        "plain_ms": 3.6,
        "herald_over_floor": 6.0,
        "plain_over_herald": 3.0,
        "herald_per_s": 400,
        "postgres_ms": 0.2,
        "p50_ms": 20.0,
        "p99_ms": 30.0,
        "rss_mb": 151.3,
        "stages_ms": {"sign": 0.3},
    }


def test_the_plain_worker_is_seen_from_outside_too():
    found = Results(
        costs={"plain": [Cost(3.6, 0, 200), Cost(3.6, 0, 210), Cost(99, 0, 1)]},
        latencies={"plain": [0.050, 0.060]},
        memory={"plain": 99.96},
    )
    assert of_plain(found) == {
        "plain_per_s": 200,
        "plain_p50_ms": 60.0,
        "plain_p99_ms": 60.0,
        "plain_rss_mb": 100.0,
    }
