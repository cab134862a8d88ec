"""From what was measured to what is printed: medians, ratios, and percentiles."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.contest.contest import Results


KEYS = (
    "floor_ms",
    "herald_ms",
    "plain_ms",
    "herald_over_floor",
    "plain_over_herald",
    "herald_per_s",
    "postgres_ms",
    "p50_ms",
    "p99_ms",
    "rss_mb",
    "stages_ms",
)
"""Of the JSON document, in its order."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(found: Results) -> dict[str, Any]:
    """Return the benchmark's JSON: medians of the rounds, milliseconds of CPU, Herald's latencies at half load."""
    floor = statistics.median(found.floor)
    herald, plain = (_median(found, name, "worker_ms") for name in ("herald", "plain"))
    return {
        "floor_ms": round(floor, 4),
        "herald_ms": round(herald, 3),
        "plain_ms": round(plain, 3),
        "herald_over_floor": round(herald / floor, 2),
        "plain_over_herald": round(plain / herald, 2),
        "herald_per_s": round(_median(found, "herald", "per_second")),
        "postgres_ms": round(_median(found, "herald", "postgres_ms"), 3),
        **_seen_from_outside(found, "herald"),
        "stages_ms": found.stages,
    }


def of_plain(found: Results) -> dict[str, Any]:
    """Return what the JSON does not have: how fast and how large the plain worker is."""
    figures = {"per_s": round(_median(found, "plain", "per_second")), **_seen_from_outside(found, "plain")}
    return {f"plain_{name}": value for name, value in figures.items()}


def _seen_from_outside(found: Results, name: str) -> dict[str, Any]:
    return {
        "p50_ms": round(percentile(found.latencies[name], 0.50) * 1000, 1),
        "p99_ms": round(percentile(found.latencies[name], 0.99) * 1000, 1),
        "rss_mb": round(found.memory[name], 1),
    }


def _median(found: Results, name: str, figure: str) -> float:
    return statistics.median(getattr(one, figure) for one in found.costs[name])
